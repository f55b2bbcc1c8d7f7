from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from imagemood.errors import BundleError, IncompatibleModelError
from imagemood.learning import train
from imagemood.models import model_directory
from imagemood.models.metadata import ModelMetadata
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.tables.tag_set import TagSet


@pytest.fixture(scope="module")
def tags_model(training_set):
    return train(training_set.select(["tags"]), "rf").classifier()


@pytest.mark.parametrize("name", ["default", "tags"])
def test_built_in_probabilities_sum_to_1(name):
    model = model_directory.load(name)
    dice = np.random.default_rng(0)
    tags = dice.dirichlet(np.full(1000, 0.01), size=50).astype(np.float32)
    embedding = dice.normal(size=(50, 1600)).astype(np.float32)
    probabilities = model.predict(tags, embedding)
    assert probabilities.shape == (50, 8)
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    assert (probabilities >= 0).all()


def test_an_image_without_tags_gets_the_prior(tags_model):
    prior = tags_model.metadata.prior
    answer = tags_model.predict(np.zeros((2, 30), dtype=np.float32))
    np.testing.assert_allclose(answer, [[prior[label] for label in tags_model.labels]] * 2)


def test_no_images_no_rows(tags_model):
    assert tags_model.predict(np.empty((0, 30), dtype=np.float32)).shape == (0, 3)


def test_rows_to_rows(tags_model):
    tags = TagSet.from_rows(
        ["b.jpg", "b.jpg", "a.jpg", "c.jpg"], ["tag 1", "unheard of", "tag 21", "never seen"], [0.9, 0.1, 1.0, 1.0]
    )
    answer = tags_model.predict_rows(tags)
    assert answer.n_unknown_rows == 2
    assert answer.unknown_tags == ("unheard of", "never seen")
    assert answer.images_without_known_tag == ["c.jpg"]
    rows = answer.rows.table.to_pylist()
    assert [row["image"] for row in rows] == ["b.jpg"] * 3 + ["a.jpg"] * 3 + ["c.jpg"] * 3
    assert rows[0]["tag"] == "Große Freude"
    assert rows[3]["tag"] == "quiet fear"
    for start in (0, 3, 6):
        scores = [row["score"] for row in rows[start : start + 3]]
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) == pytest.approx(1, abs=1e-9)


def test_the_index_that_came_in_comes_out(tags_model):
    answer = tags_model.predict_rows(TagSet.from_rows([41, 7], ["tag 1", "tag 2"], [1.0, 1.0]))
    assert answer.rows.images == [41, 7]


def test_an_embedding_that_is_missing(training_set):
    model = train(training_set, "logistic").classifier()
    with pytest.raises(IncompatibleModelError, match="needs the tagger's embedding, not tags alone"):
        model.predict(training_set.tags)


@pytest.mark.parametrize("shape", [(2, 31), (30,)])
def test_tags_of_the_wrong_shape(tags_model, shape):
    with pytest.raises(IncompatibleModelError, match="takes tags of 30 columns"):
        tags_model.predict(np.zeros(shape, dtype=np.float32))


def test_metadata_of_another_network_is_refused(tags_model):
    longer = dataclasses.replace(tags_model.metadata, vocabulary=(*tags_model.vocabulary, "one more"))
    with pytest.raises(IncompatibleModelError, match="not what its metadata says"):
        MoodClassifier(tags_model.network, longer)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("format_version", 99, "has format version 99, not 1"),
        ("labels", "awe", "labels is no list of names"),
        ("labels", [], "labels is no list of names"),
        ("labels", ["awe", "awe"], "labels names something twice"),
        ("vocabulary", [1], "vocabulary is no list of names"),
        ("inputs", ["pixels"], "not known ones"),
        ("prior", {"awe": 1}, "prior does not give each label a probability"),
        ("metrics", [], "metrics is no JSON object"),
    ],
)
def test_wrong_metadata(tags_model, field, value, message):
    fields = tags_model.metadata.to_dict() | {
        name: list(getattr(tags_model.metadata, name)) for name in ("labels", "vocabulary", "inputs")
    }
    assert ModelMetadata.from_dict(fields) == tags_model.metadata
    with pytest.raises(BundleError, match=message):
        ModelMetadata.from_dict({**fields, field: value})
