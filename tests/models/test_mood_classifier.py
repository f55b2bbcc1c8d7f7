from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from imagemood.errors import IncompatibleModelError, ModelError, VocabularyError
from imagemood.learning import train
from imagemood.models import model_directory
from imagemood.models.metadata import ModelMetadata
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.network import Network
from imagemood.tables import FeatureTable
from imagemood.tables.tag_set import TagSet
from tests.models.networks import build


@pytest.fixture(scope="module")
def forest(training_set):
    """A random forest that takes only tags."""
    return train(training_set.select(["tags"]), "rf").classifier()


def constant(rows, n_tags=2):
    """A classifier with the given output for any picture."""
    output = np.asarray(rows, dtype=np.float32)
    nodes = [
        helper.make_node("MatMul", ["tags", "zeros"], ["zero"]),
        helper.make_node("Add", ["zero", "output"], ["probabilities"]),
    ]
    constants = {"zeros": np.zeros((n_tags, output.shape[-1]), dtype=np.float32), "output": output}
    network = build(nodes, {"tags": ["n", n_tags]}, {"probabilities": ["n", output.shape[-1]]}, constants)
    metadata = ModelMetadata(
        labels=("awe", "fear", "joy"),
        vocabulary=tuple(f"tag {i}" for i in range(n_tags)),
        inputs=("tags",),
        prior={"awe": 2.0, "fear": 1.0, "joy": 1.0},
        algorithm="constant",
        parameters={},
        training_set={},
    )
    return MoodClassifier(Network(network), metadata)


ONES = np.ones((1, 2), dtype=np.float32)


@pytest.mark.parametrize("name", ["default", "tags"])
def test_probabilities_of_the_built_in_models_sum_to_1(name):
    model = model_directory.load(name)
    rng = np.random.default_rng(0)
    tags = rng.dirichlet(np.full(1000, 0.01), size=50).astype(np.float32)
    embedding = rng.normal(size=(50, 1280)).astype(np.float32)
    probabilities = model.predict(tags, embedding)
    assert probabilities.shape == (50, 8)
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    assert (probabilities >= 0).all()


@given(st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3).filter(lambda row: sum(row) > 0.1))
def test_outputs_are_scaled_to_sum_to_1(row):
    probabilities = constant([row]).predict(ONES)
    np.testing.assert_allclose(probabilities, [np.float64(row) / np.float64(row).sum()], rtol=1e-9)


def test_slightly_negative_outputs_become_0():
    np.testing.assert_allclose(constant([[-1e-7, 0.5, 0.5]]).predict(ONES), [[0, 0.5, 0.5]])


@pytest.mark.parametrize("row", [[np.nan, 0, 1], [np.inf, 0, 0], [0.5, 0.5]])
def test_outputs_that_are_not_probabilities(row):
    with pytest.raises(ModelError, match="the output is not one probability for each mood"):
        constant([row]).predict(ONES)


def test_image_without_tags_gets_the_prior(forest):
    prior = forest.metadata.prior
    probabilities = forest.predict(np.zeros((2, 30), dtype=np.float32))
    np.testing.assert_allclose(probabilities, [[prior[label] for label in forest.labels]] * 2)


def test_prior_is_scaled_to_sum_to_1():
    model = constant([[1, 0, 0]])
    tags = np.array([[0, 0], [0, 0.5]], dtype=np.float32)
    np.testing.assert_allclose(model.predict(tags), [[0.5, 0.25, 0.25], [1, 0, 0]])


def test_no_images(forest):
    assert forest.predict(np.empty((0, 30), dtype=np.float32)).shape == (0, 3)


def test_unneeded_arrays_are_ignored(forest):
    tags = np.eye(30, dtype=np.float32)[:4]
    expected = forest.predict(tags)
    np.testing.assert_array_equal(forest.predict(tags, np.ones((1, 1)), np.ones((2, 7, 9))), expected)


def test_number_of_threads_does_not_change_the_probabilities(forest):
    tags = np.random.default_rng(0).dirichlet(np.ones(30), size=20).astype(np.float32)
    single = forest.with_threads(1)
    assert single.network.n_threads == 1
    np.testing.assert_allclose(single.predict(tags), forest.predict(tags), atol=1e-6)


def test_missing_input(training_set):
    model = train(training_set, "logistic").classifier()
    with pytest.raises(
        IncompatibleModelError, match="needs the tagger's embedding, not only tags .provide pictures"
    ):
        model.predict(training_set.tags)
    with pytest.raises(IncompatibleModelError, match="^the model needs tags .provide scores of tags.$"):
        model.predict(embedding=training_set.embedding)


@pytest.mark.parametrize("shape", [(2, 31), (30,), (1, 1, 30)])
def test_tags_of_the_wrong_shape(forest, shape):
    with pytest.raises(IncompatibleModelError, match=r"^tags must have 30 columns; its shape is \("):
        forest.predict(np.zeros(shape, dtype=np.float32))


def test_metadata_of_another_network(forest):
    longer = msgspec.structs.replace(forest.metadata, vocabulary=(*forest.vocabulary, "one more"))
    with pytest.raises(IncompatibleModelError, match="do not match its metadata"):
        MoodClassifier(forest.network, longer)
    other_inputs = msgspec.structs.replace(forest.metadata, inputs=("tags", "embedding"))
    with pytest.raises(IncompatibleModelError, match=r"the inputs of the network, {'tags': 30}, do not match"):
        MoodClassifier(forest.network, other_inputs)


def test_network_without_probabilities(forest):
    nodes = [helper.make_node("Identity", ["tags"], ["votes"])]
    network = Network(build(nodes, {"tags": ["n", 30]}, {"votes": ["n", 30]}), name="votes.onnx")
    with pytest.raises(IncompatibleModelError, match=r"^votes\.onnx: the network has no output 'probabilities'$"):
        MoodClassifier(network, forest.metadata)


def test_mood_rows_of_tag_rows(forest):
    tags = TagSet.from_rows(
        ["b.jpg", "b.jpg", "a.jpg", "c.jpg"], ["tag 1", "unheard of", "tag 21", "never seen"], [0.9, 0.1, 1.0, 1.0]
    )
    prediction = forest.predict_rows(tags)
    assert prediction.n_unknown_rows == 2
    assert prediction.unknown_tags == ("unheard of", "never seen")
    assert prediction.images_without_known_tag == ["c.jpg"]
    rows = prediction.rows.table.to_pylist()
    assert [row["image"] for row in rows] == ["b.jpg"] * 3 + ["a.jpg"] * 3 + ["c.jpg"] * 3
    assert rows[0]["tag"] == "Große Freude"
    assert rows[3]["tag"] == "quiet fear"
    for start in (0, 3, 6):
        scores = [row["score"] for row in rows[start : start + 3]]
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) == pytest.approx(1, abs=1e-9)


def test_mood_rows_have_the_probabilities_of_predict(forest):
    rng = np.random.default_rng(1)
    scores = rng.dirichlet(np.ones(30), size=7).astype(np.float32)
    tags = TagSet.from_matrix(scores, range(7), forest.vocabulary)
    matrix = forest.predict_rows(tags).rows.to_matrix(forest.labels)
    np.testing.assert_allclose(matrix.values, forest.predict(scores), atol=1e-6)


def test_numbers_of_the_images_are_kept(forest):
    prediction = forest.predict_rows(TagSet.from_rows([41, 7], ["tag 1", "tag 2"], [1.0, 1.0]))
    assert prediction.rows.images == [41, 7]
    assert prediction.images_without_known_tag == []
    assert prediction.unknown_tags == ()


@pytest.fixture(scope="module")
def visual_model():
    """A classifier of two visual features that returns the first one as probability of the first mood."""
    nodes = [
        helper.make_node("MatMul", ["visual", "weights"], ["weighted"]),
        helper.make_node("Add", ["weighted", "bias"], ["shares"]),
        helper.make_node("ReduceSum", ["tags", "axes"], ["sum"], keepdims=1),
        helper.make_node("Mul", ["sum", "zero"], ["nothing"]),
        helper.make_node("Add", ["shares", "nothing"], ["probabilities"]),
    ]
    constants = {
        "weights": np.float32([[1, -1], [0, 0]]),
        "bias": np.float32([0, 1]),
        "zero": np.float32([0]),
        "axes": np.array([1]),
    }
    network = build(nodes, {"tags": ["n", 1], "visual": ["n", 2]}, {"probabilities": ["n", 2]}, constants)
    metadata = ModelMetadata(
        labels=("awe", "fear"),
        vocabulary=("cat",),
        inputs=("tags", "visual"),
        prior={"awe": 0.5, "fear": 0.5},
        algorithm="",
        parameters={},
        training_set={},
        visual=("hue", "light"),
    )
    return MoodClassifier(Network(network), metadata)


def test_visual_features_are_found_by_name_and_image(visual_model):
    tags = TagSet.from_rows([7, 3], ["cat", "cat"], [1.0, 1.0])
    values = np.float32([[9, 0.75, 8], [9, 0.25, 8], [9, 1, 8]])
    features = FeatureTable(["3", "7", "5"], ("light", "hue", "unused"), values)
    matrix = visual_model.predict_rows(tags, features).rows.to_matrix(["awe"])
    assert matrix.images == [7, 3]
    np.testing.assert_allclose(matrix.values, [[0.25], [0.75]])


def test_missing_visual_features(visual_model):
    tags = TagSet.from_rows([7], ["cat"], [1.0])
    with pytest.raises(IncompatibleModelError, match="the model needs visual features, not only tags"):
        visual_model.predict_rows(tags)
    with pytest.raises(
        IncompatibleModelError, match=r"f\.csv: missing 1 of 2 features that the model needs, such as 'hue'"
    ):
        visual_model.predict_rows(tags, FeatureTable(["7"], ("light",), np.float32([[1]]), "f.csv"))
    with pytest.raises(VocabularyError, match="'7'"):
        visual_model.predict_rows(tags, FeatureTable(["8"], ("light", "hue"), np.float32([[1, 1]])))
