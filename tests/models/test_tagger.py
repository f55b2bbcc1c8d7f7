from __future__ import annotations

import csv
import hashlib
import io
import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from imagemood import builtin
from imagemood.errors import IncompatibleModelError, ModelError
from imagemood.models.network import Network
from imagemood.models.tagger import Tagger
from imagemood.models.tagger_card import TaggerCard

LABELS = ["red", "green", "blue"]
SIZE_PX = 8


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load()


def mean_colour_network(*, channels_first: bool, softmax: bool, batch: int | str = "n") -> bytes:
    """Build a classifier whose three logits are the mean of each colour channel."""
    shape = [batch, 3, SIZE_PX, SIZE_PX] if channels_first else [batch, SIZE_PX, SIZE_PX, 3]
    axes = numpy_helper.from_array(np.array([2, 3] if channels_first else [1, 2]), "axes")
    nodes = [helper.make_node("ReduceMean", ["picture", "axes"], ["means"], keepdims=0)]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["means"], ["scores"], axis=1))
    graph = helper.make_graph(
        nodes,
        "mean colour",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, [batch, 3])],
        [axes],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def write_tagger(folder, network: bytes, **fields):
    (folder / "mine.onnx").write_bytes(network)
    card = {"size_px": SIZE_PX, "mean": [127, 127, 127], "std": 128, "labels": LABELS, **fields}
    (folder / "mine.json").write_text(json.dumps(card))
    return folder / "mine.onnx"


@pytest.mark.parametrize(
    ("photo", "tags"),
    [
        ("chelsea.png", {"Egyptian cat", "tabby, tabby cat", "tiger cat"}),
        ("coffee.png", {"espresso", "cup", "coffee mug"}),
        ("rocket.jpg", {"missile", "projectile, missile"}),
    ],
)
def test_names_what_is_in_the_picture(tagger, sample_photos, photo, tags):
    data = (sample_photos / photo).read_bytes()
    scores = tagger.predict(tagger.decode(data)[np.newaxis]).scores[0]
    strongest = [tagger.labels[i] for i in np.argsort(-scores)[:3]]
    assert tags & set(strongest), strongest


def test_scores_are_probabilities_and_the_batch_does_not_matter(tagger, sample_photos):
    pictures = np.stack([tagger.decode(path.read_bytes()) for path in sorted(sample_photos.glob("*.png"))[:5]])
    together = tagger.predict(pictures)
    alone = [tagger.predict(picture[np.newaxis]) for picture in pictures]
    assert together.scores.shape == (5, 1000)
    assert together.embedding.shape == (5, 1600)
    np.testing.assert_allclose(together.scores.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together.scores, np.concatenate([a.scores for a in alone]), atol=1e-6)
    np.testing.assert_allclose(together.embedding, np.concatenate([a.embedding for a in alone]), atol=1e-4)


def test_the_average_of_a_picture_and_its_mirror_image_does_not_know_left_from_right(tagger, sample_photos):
    picture = tagger.decode((sample_photos / "astronaut.png").read_bytes())[np.newaxis]
    mirrored = np.ascontiguousarray(picture[:, :, ::-1])
    one, other = tagger.predict(picture), tagger.predict(mirrored)
    averaged, turned = one.averaged(other), other.averaged(one)
    np.testing.assert_allclose(averaged.scores, turned.scores, atol=1e-7)
    np.testing.assert_allclose(averaged.embedding, (one.embedding + other.embedding) / 2, atol=1e-6)
    np.testing.assert_allclose(averaged.mood_maps, turned.mood_maps[..., ::-1], atol=1e-5)
    np.testing.assert_allclose(averaged.scores.sum(axis=1), 1, atol=1e-5)


def test_the_1000_names_are_distinct_and_those_of_2018(tagger):
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


def test_network_is_the_one_its_card_was_written_for():
    card = json.loads(builtin.path("network.json").read_text(encoding="utf-8"))
    content = builtin.path("network.onnx").read_bytes()
    assert hashlib.sha256(content).hexdigest() == card["sha256"]
    assert len(content) < 12e6


@pytest.mark.parametrize("channels_first", [True, False])
@pytest.mark.parametrize("batch", ["n", 1])
@pytest.mark.parametrize("scale", [1, 255])
def test_brings_its_own_classifier(tmp_path, channels_first, batch, scale):
    network = mean_colour_network(channels_first=channels_first, softmax=False, batch=batch)
    path = write_tagger(tmp_path, network, mean=127 / scale, std=128 / scale, scale=scale)
    pictures = np.zeros((2, SIZE_PX, SIZE_PX, 3), dtype=np.uint8)
    pictures[0, ..., 0] = 255
    pictures[1, ..., 2] = 255
    tagging = Tagger.load(path).predict(pictures)
    high, low = (255 - 127) / 128, (0 - 127) / 128
    expected = np.exp(high) / (np.exp(high) + 2 * np.exp(low))
    assert tagging.embedding is None
    np.testing.assert_allclose(tagging.scores[[0, 1], [0, 2]], expected, rtol=1e-5)
    np.testing.assert_allclose(tagging.scores.sum(axis=1), 1, atol=1e-6)


def test_probabilities_are_taken_as_they_are(tmp_path):
    path = write_tagger(tmp_path, mean_colour_network(channels_first=True, softmax=True), logits=False)
    scores = Tagger.load(path).predict(np.full((1, SIZE_PX, SIZE_PX, 3), 7, dtype=np.uint8)).scores
    np.testing.assert_allclose(scores, 1 / 3, rtol=1e-6)


def test_logits_taken_for_probabilities_are_noticed(tmp_path):
    path = write_tagger(tmp_path, mean_colour_network(channels_first=True, softmax=False), logits=False)
    with pytest.raises(ModelError, match='do not sum to 1 .*"logits": true'):
        Tagger.load(path).predict(np.full((1, SIZE_PX, SIZE_PX, 3), 7, dtype=np.uint8))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"labels": ["red", "green"]}, "gives 3 scores but the card names 2 labels"),
        ({"size_px": 16}, "not colour pictures of 16×16 pixels"),
        ({"scores": "answer"}, "has no output 'answer' .it has means"),
        ({"embedding": "pooled"}, "has no output 'pooled'"),
        ({"mood_maps": "maps", "mood_labels": ["awe"]}, "has no output 'maps'"),
        ({"mood_maps": "means", "mood_labels": ["awe"]}, "gives 3 maps but the card names 1 moods"),
    ],
)
def test_card_that_does_not_fit_its_network(tmp_path, fields, message):
    path = write_tagger(tmp_path, mean_colour_network(channels_first=True, softmax=False), **fields)
    with pytest.raises(IncompatibleModelError, match=message):
        Tagger.load(path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"labels": ["red", "red", "blue"]}, "'red' stands twice in labels"),
        ({"labels": "red"}, "labels is not a list of names"),
        ({"size_px": "8"}, "size_px is '8', not a positive whole number"),
        ({"std": 0}, "std is 0, which cannot be"),
        ({"mean": [1, 2]}, r"mean is \[1, 2\], not one number or three"),
        ({"colour": "RGB"}, "unknown field 'colour'"),
        ({"mood_maps": "maps"}, "no field 'mood_labels'"),
        ({"moods": "moods", "mood_labels": ["awe", "awe"]}, "'awe' stands twice in mood_labels"),
    ],
)
def test_card_with_a_wrong_field(fields, message):
    card = {"size_px": SIZE_PX, "mean": 127, "std": 128, "labels": LABELS, **fields}
    with pytest.raises(ModelError, match=message):
        TaggerCard.from_dict(card, where="mine.json")


@pytest.mark.parametrize("field", ["size_px", "mean", "std", "labels"])
def test_card_without_a_field(field):
    card = {"size_px": SIZE_PX, "mean": 127, "std": 128, "labels": LABELS}
    del card[field]
    with pytest.raises(ModelError, match=f"mine.json: no field '{field}'"):
        TaggerCard.from_dict(card, where="mine.json")


@pytest.mark.parametrize(
    ("card", "message"), [("{", "is no JSON"), ("[]", "is no JSON object"), (None, "cannot be read")]
)
def test_card_that_is_none(tmp_path, card, message):
    (tmp_path / "mine.onnx").write_bytes(mean_colour_network(channels_first=True, softmax=False))
    if card is not None:
        (tmp_path / "mine.json").write_text(card)
    with pytest.raises(ModelError, match=message):
        Tagger.load(tmp_path / "mine.onnx")


def test_no_such_tagger(tmp_path):
    with pytest.raises(ModelError, match="no such file"):
        Tagger.load(tmp_path / "absent.onnx")


def test_network_that_takes_no_picture():
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "identity",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    card = TaggerCard(size_px=SIZE_PX, labels=tuple(LABELS))
    with pytest.raises(IncompatibleModelError, match="not colour pictures"):
        Tagger(Network(model.SerializeToString()), card)
