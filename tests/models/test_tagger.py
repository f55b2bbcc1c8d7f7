from __future__ import annotations

import csv
import hashlib
import io
import json

import numpy as np
import PIL.Image
import pytest
from onnx import TensorProto, helper

from imagemood import builtin
from imagemood.errors import ImageError, IncompatibleModelError, InputError, ModelError
from imagemood.models.network import Network
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_card import TaggerCard
from tests.models.networks import LABELS, SIZE_PX, build, filled, mean_colour, write_tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load()


@pytest.mark.parametrize(
    ("photo", "tags"),
    [
        ("chelsea.png", {"Egyptian cat", "tabby, tabby cat", "tiger cat"}),
        ("coffee.png", {"espresso", "cup", "coffee mug"}),
        ("rocket.jpg", {"missile", "projectile, missile"}),
    ],
)
def test_strongest_tags_name_what_is_in_the_picture(tagger, sample_photos, photo, tags):
    data = (sample_photos / photo).read_bytes()
    scores = tagger.predict(tagger.decode(data)[np.newaxis]).scores[0]
    strongest = [tagger.labels[i] for i in np.argsort(-scores)[:3]]
    assert tags & set(strongest), strongest


def test_scores_are_probabilities_and_do_not_depend_on_the_batch(tagger, sample_photos):
    pictures = np.stack([tagger.decode(path.read_bytes()) for path in sorted(sample_photos.glob("*.png"))[:5]])
    together = tagger.predict(pictures)
    alone = [tagger.predict(picture[np.newaxis]) for picture in pictures]
    assert together.scores.shape == (5, 1000)
    assert together.embedding.shape == (5, 1280)
    np.testing.assert_allclose(together.scores.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together.scores, np.concatenate([a.scores for a in alone]), atol=1e-6)
    np.testing.assert_allclose(together.embedding, np.concatenate([a.embedding for a in alone]), atol=1e-4)


def test_average_with_the_mirror_image_is_symmetric(tagger, sample_photos):
    picture = tagger.decode((sample_photos / "astronaut.png").read_bytes())[np.newaxis]
    mirrored = np.ascontiguousarray(picture[:, :, ::-1])
    one, other = tagger.predict(picture), tagger.predict(mirrored)
    averaged, turned = one.averaged(other), other.averaged(one)
    np.testing.assert_allclose(averaged.scores, turned.scores, atol=1e-7)
    np.testing.assert_allclose(averaged.embedding, (one.embedding + other.embedding) / 2, atol=1e-6)
    np.testing.assert_allclose(averaged.mood_maps, turned.mood_maps[..., ::-1], atol=1e-5)
    np.testing.assert_allclose(averaged.scores.sum(axis=1), 1, atol=1e-5)


def test_number_of_threads_does_not_change_the_scores(tagger):
    pictures = np.random.default_rng(0).integers(0, 256, (5, 224, 224, 3), dtype=np.uint8)
    single = tagger.with_threads(1)
    assert single.labels == tagger.labels
    np.testing.assert_allclose(single.predict(pictures).scores, tagger.predict(pictures).scores, atol=1e-6)


def test_decode_returns_the_size_of_the_network(tagger):
    encoded = io.BytesIO()
    PIL.Image.new("RGB", (300, 100), (255, 0, 0)).save(encoded, "PNG")
    picture = tagger.decode(encoded.getvalue())
    assert picture.shape == (224, 224, 3)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture[112, 112], [255, 0, 0])
    with pytest.raises(ImageError, match=r"^photo\.jpg: "):
        tagger.decode(b"no picture", name="photo.jpg")


def test_labels_of_the_built_in_tagger_are_the_1000_distinct_names_of_imagenet(tagger):
    assert len(tagger.labels) == len(set(tagger.labels)) == 1000
    assert {"lakeside, lakeshore", "crane (bird)", "crane (machine)"} <= set(tagger.labels)
    assert "crane" not in tagger.labels
    # The order is that of ImageNet's classes.
    assert tagger.labels[0] == "tench, Tinca tinca"
    assert tagger.labels[-1] == "toilet tissue, toilet paper, bathroom tissue"


def test_labels_survive_csv(tagger):
    text = io.StringIO()
    csv.writer(text).writerow(tagger.labels)
    assert next(csv.reader(io.StringIO(text.getvalue()))) == list(tagger.labels)


def test_built_in_network_has_the_hash_that_its_card_states():
    card = json.loads(builtin.path("network.json").read_text(encoding="utf-8"))
    content = builtin.path("network.onnx").read_bytes()
    assert hashlib.sha256(content).hexdigest() == card["sha256"]
    assert len(content) < 18e6


@pytest.mark.parametrize("channels_first", [True, False])
@pytest.mark.parametrize("batch", ["n", 1])
@pytest.mark.parametrize("scale", [1, 255])
def test_custom_classifier_gets_normalised_pictures(tmp_path, channels_first, batch, scale):
    network = mean_colour(channels_first=channels_first, batch=batch)
    path = write_tagger(tmp_path, network, mean=127 / scale, std=128 / scale, scale=scale)
    pictures = np.zeros((2, SIZE_PX, SIZE_PX, 3), dtype=np.uint8)
    pictures[0, ..., 0] = 255
    pictures[1, ..., 2] = 255
    output = Tagger.load(path).predict(pictures)
    high, low = (255 - 127) / 128, (0 - 127) / 128
    expected = np.exp(high) / (np.exp(high) + 2 * np.exp(low))
    assert output.embedding is None
    np.testing.assert_allclose(output.scores[[0, 1], [0, 2]], expected, rtol=1e-5)
    np.testing.assert_allclose(output.scores.sum(axis=1), 1, atol=1e-6)


def test_each_channel_has_its_own_mean_and_standard_deviation(tmp_path):
    mean, std = [10, 20, 30], [1, 2, 5]
    path = write_tagger(tmp_path, mean_colour(), mean=mean, std=std, embedding="means")
    logits = Tagger.load(path).predict(filled(40)).embedding[0]
    np.testing.assert_allclose(logits, (40 - np.array(mean)) / std, rtol=1e-6)


def test_network_with_integer_input_gets_the_pixels_unchanged(tmp_path):
    nodes = [
        helper.make_node("Cast", ["picture"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["floats", "axes"], ["means"], keepdims=0),
    ]
    shape = ["n", SIZE_PX, SIZE_PX, 3]
    network = build(
        nodes, {"picture": (TensorProto.UINT8, shape)}, {"means": ["n", 3]}, {"axes": np.array([1, 2])}
    )
    path = write_tagger(tmp_path, network, embedding="means")
    np.testing.assert_array_equal(Tagger.load(path).predict(filled(200)).embedding, [[200, 200, 200]])


@pytest.mark.parametrize("n_pictures", [0, 1, 2, 3, 9])
def test_any_number_of_pictures(tmp_path, n_pictures):
    tagger = Tagger.load(write_tagger(tmp_path, mean_colour()), n_threads=1)
    if n_pictures == 0:
        assert tagger.predict(filled(0, 0)).scores.shape == (0, 3)
        return
    pictures = filled(0, n_pictures)
    pictures[-1, ..., 1] = 255
    scores = tagger.predict(pictures).scores
    assert scores.shape == (n_pictures, 3)
    assert scores[-1].argmax() == 1
    np.testing.assert_allclose(scores[:-1], 1 / 3, rtol=1e-6)


def test_large_logits_do_not_overflow(tmp_path):
    tagger = Tagger.load(write_tagger(tmp_path, mean_colour(), mean=0, std=0.01))
    pictures = filled(0)
    pictures[..., 0] = 255
    np.testing.assert_allclose(tagger.predict(pictures).scores, [[1, 0, 0]], atol=1e-6)


def test_probabilities_are_not_changed(tmp_path):
    path = write_tagger(tmp_path, mean_colour(softmax=True), logits=False)
    np.testing.assert_allclose(Tagger.load(path).predict(filled(7)).scores, 1 / 3, rtol=1e-6)


def test_logits_that_the_card_declares_as_probabilities_are_detected(tmp_path):
    path = write_tagger(tmp_path, mean_colour(), logits=False)
    with pytest.raises(ModelError, match='the scores do not sum to 1 .*"logits": true'):
        Tagger.load(path).predict(filled(7))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"labels": ["red", "green"]}, "the network has 3 scores, but its card has 2 labels"),
        ({"size_px": 16}, "instead of colour pictures of 16×16 pixels"),
        ({"scores": "answer"}, "the network has no output 'answer' .the outputs are means"),
        ({"embedding": "pooled"}, "the network has no output 'pooled'"),
        ({"mood_maps": "maps", "mood_labels": ["awe"]}, "the network has no output 'maps'"),
        (
            {"mood_maps": "means", "mood_labels": ["awe"]},
            "the network has 3 mood maps, but its card has 1 mood_labels",
        ),
    ],
)
def test_card_that_does_not_match_its_network(tmp_path, fields, message):
    path = write_tagger(tmp_path, mean_colour(), **fields)
    with pytest.raises(IncompatibleModelError, match=message):
        Tagger.load(path)


CARD = TaggerCard(size_px=SIZE_PX, labels=tuple(LABELS), mean=0.0, std=1.0)
DOUBLES = (TensorProto.DOUBLE, ["n", 8, 8, 3])
IDENTITY = [helper.make_node("Identity", ["x"], ["y"])]


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (build(IDENTITY, {"x": ["n", 3]}, {"y": ["n", 3]}), "instead of colour pictures"),
        (build(IDENTITY, {"x": ["n", 8, 8, 1]}, {"y": ["n", 8, 8, 1]}), "instead of colour pictures"),
        (
            build(
                IDENTITY, {"x": (TensorProto.DOUBLE, ["n", 8, 8, 3])}, {"y": (TensorProto.DOUBLE, ["n", 8, 8, 3])}
            ),
            "the network takes double of shape",
        ),
        (build(IDENTITY, {"x": ["n", 3], "z": ["n"]}, {"y": ["n", 3]}), "takes 2 inputs instead of one picture"),
        (mean_colour(batch=4), "batches of exactly 4 pictures .export it with a batch size of 1"),
    ],
)
def test_network_that_does_not_take_a_picture(network, message):
    with pytest.raises(IncompatibleModelError, match=message):
        Tagger(Network(network), CARD)


def test_missing_files(tmp_path):
    with pytest.raises(ModelError, match=r"absent\.onnx: No such file or directory .give the path"):
        Tagger.load(tmp_path / "absent.onnx")
    (tmp_path / "mine.onnx").write_bytes(mean_colour())
    with pytest.raises(ModelError, match=r"mine\.json: cannot be read: No such file"):
        Tagger.load(tmp_path / "mine.onnx")


def test_invalid_card(tmp_path):
    path = write_tagger(tmp_path, mean_colour())
    path.with_suffix(".json").write_text("{")
    with pytest.raises(ModelError, match=r"mine\.json: not valid JSON"):
        Tagger.load(path)


def test_unknown_device():
    with pytest.raises(InputError, match="unknown device 'tpu'"):
        Tagger.load(device="tpu")
