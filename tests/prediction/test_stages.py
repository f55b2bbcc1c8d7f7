from __future__ import annotations

import re

import numpy as np
import pytest
from onnx.helper import make_node as node

from imagemood.errors import InputError, ModelError
from imagemood.models import model_directory
from imagemood.models.metadata import ModelMetadata
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network
from imagemood.models.tagger import Tagger
from imagemood.prediction.result import Result
from imagemood.prediction.stages import Stages
from tests.models.networks import LABELS, SIZE_PX, build, write_tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger.load(n_threads=1)


@pytest.fixture(scope="module")
def stages(tagger) -> Stages:
    return Stages(tagger, model_directory.load(), 1)


@pytest.fixture(scope="module")
def pixels(tagger, sample_photos):
    return np.stack([tagger.decode((sample_photos / name).read_bytes()) for name in ("coffee.png", "rocket.jpg")])


class RenamedTagger:
    """A tagger that knows some tags of the vocabulary, in another order."""

    def __init__(self, labels):
        self.labels = labels


def test_results_have_the_rows_of_the_models_outputs(stages, pixels):
    tagging = stages.tagger.predict(pixels)
    probabilities = stages.mood_classifier.predict(tagging.scores, tagging.embedding)
    results = stages.predict(["a", "b"], pixels)
    assert [result.image for result in results] == ["a", "b"]
    for i, result in enumerate(results):
        np.testing.assert_allclose(result.scores, tagging.scores[i], atol=1e-6)
        np.testing.assert_allclose(result.embedding, tagging.embedding[i], atol=1e-4)
        np.testing.assert_allclose(result.mood_maps, tagging.mood_maps[i], atol=1e-4)
        np.testing.assert_allclose(result.probabilities, probabilities[i], atol=1e-6)
        assert result.labels == stages.mood_classifier.labels
        assert result.map_labels == stages.tagger.card.mood_labels


def test_stage_two_can_be_skipped(stages, pixels):
    results = stages.predict(["a", "b"], pixels, with_moods=False)
    assert [(result.moods, len(result.tags)) for result in results] == [({}, 1000)] * 2


@pytest.mark.parametrize("n_threads", [1, 2])
def test_the_number_of_threads_does_not_change_the_result(stages, pixels, n_threads):
    again = stages.with_threads(n_threads)
    assert again.tagger.network.n_threads == n_threads
    for result, expected in zip(
        again.predict(["a", "b"], pixels), stages.predict(["a", "b"], pixels), strict=True
    ):
        np.testing.assert_allclose(result.probabilities, expected.probabilities, atol=1e-6)


def test_two_views_average_the_picture_and_its_mirror_image(stages, tagger, pixels):
    mirrored = np.ascontiguousarray(pixels[:, :, ::-1])
    tagging, mirrored_tagging = tagger.predict(pixels), tagger.predict(mirrored)
    (result, _) = Stages(tagger, stages.mood_classifier, 2).predict(["a", "b"], pixels)
    np.testing.assert_allclose(result.scores, (tagging.scores[0] + mirrored_tagging.scores[0]) / 2, atol=1e-6)
    np.testing.assert_allclose(
        result.mood_maps, (tagging.mood_maps[0] + mirrored_tagging.mood_maps[0][..., ::-1]) / 2, atol=1e-4
    )


def test_a_result_without_scores_is_returned_unchanged(stages):
    result = Result("a.jpg")
    assert stages.predict_without_tags(result, ["volcano"]) is result


@pytest.fixture(scope="module")
def partly_invalid_stages(tmp_path_factory) -> Stages:
    """A tagger whose scores are NaN for dark pictures, and a mood classifier without an answer for blue ones."""
    logarithm = [node("ReduceMean", ["picture", "axes"], ["m"], keepdims=0), node("Log", ["m"], ["scores"])]
    shapes = {"picture": ["n", 3, SIZE_PX, SIZE_PX]}, {"scores": ["n", 3]}
    network = build(logarithm, *shapes, {"axes": np.array([2, 3])})
    path = write_tagger(tmp_path_factory.mktemp("tagger"), network)
    # The votes for both moods are 0 if blue has the highest score.
    constants = {"w": np.array([[1, 0], [0, 1], [0, 0]], np.float32), "third": np.array(0.34, np.float32)}
    nodes = [
        node("Greater", ["tags", "third"], ["b"]),
        node("Cast", ["b"], ["f"], to=1),
        node("MatMul", ["f", "w"], ["probabilities"]),
    ]
    network = build(nodes, {"tags": ["n", 3]}, {"probabilities": ["n", 2]}, constants)
    prior = {"awe": 0.5, "fear": 0.5}
    metadata = ModelMetadata(("awe", "fear"), tuple(LABELS), ("tags",), prior, "logistic", {}, {})
    return Stages(Tagger.load(path), MoodClassifier(Network(network, name="moods.onnx"), metadata), 1)


def test_only_the_pictures_with_an_invalid_output_get_an_error(partly_invalid_stages):
    colours = {"dark": (9, 9, 9), "red": (250, 130, 130), "blue": (130, 130, 250), "green": (130, 250, 130)}
    pixels = np.stack([np.full((SIZE_PX, SIZE_PX, 3), colour, np.uint8) for colour in colours.values()])
    results = {result.image: result for result in partly_invalid_stages.predict(list(colours), pixels)}
    assert list(results) == list(colours)
    assert {name: result.mood for name, result in results.items()} == {
        "dark": None,
        "red": "awe",
        "blue": None,
        "green": "fear",
    }
    assert re.fullmatch(
        r"dark: the output 'scores' contains NaN or infinity \(model .*mine\.onnx\)", str(results["dark"].error)
    )
    assert str(results["blue"].error) == "blue: the output is not one probability for each mood (model moods.onnx)"
    with pytest.raises(ModelError, match=r"^red: the output is not one probability for each mood \(model moods"):
        partly_invalid_stages.predict_without_tags(results["red"], ["red"])


def test_an_unknown_output_is_rejected(stages, pixels):
    with pytest.raises(InputError, match="unknown output 'tag'"):
        stages.predict(["a", "b"], pixels, outputs=["tag"])
