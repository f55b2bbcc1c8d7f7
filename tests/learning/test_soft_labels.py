from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from imagemood.learning import ALGORITHMS, Recipe, TrainingSet, fit, train, training_set_file
from imagemood.learning.augmentation import Augmentation
from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.learning.soft_labels import vote_matrix
from imagemood.pictures.picture import Picture


@pytest.fixture(scope="module")
def voted():
    """Two groups of equal pictures: all votes for awe, and three quarters of the votes for fear."""
    tags = np.repeat(np.eye(2, 3, dtype=np.float32), 40, axis=0)
    votes = np.repeat(np.array([[1, 0], [0.25, 0.75]], dtype=np.float32), 40, axis=0)
    return TrainingSet(
        tags, ("a", "b", "c"), ["awe"] * 40 + ["fear"] * 40, votes=votes, vote_moods=("awe", "fear")
    )


@pytest.mark.parametrize("algorithm", ["rf", "logistic", "extra-trees"])
def test_probabilities_follow_the_votes(voted, algorithm):
    parameters = {"C": 1000.0} if algorithm == "logistic" else {}
    predicted = fit(voted, Recipe(algorithm, parameters)).predict_proba(voted.features[[0, -1]])
    np.testing.assert_allclose(predicted, [[1, 0], [0.25, 0.75]], atol=0.04)


@pytest.mark.parametrize("algorithm", ["linear-svm", "knn"])
def test_other_algorithms_use_the_mood_with_the_most_votes(voted, algorithm):
    without_votes = dataclasses.replace(voted, votes=None, vote_moods=())
    recipe = Recipe(algorithm, {"n_neighbors": 5} if algorithm == "knn" else {})
    expected = fit(without_votes, recipe, n_jobs=1).predict_proba(voted.features)
    np.testing.assert_array_equal(fit(voted, recipe, n_jobs=1).predict_proba(voted.features), expected)
    assert not ALGORITHMS[algorithm].accepts_votes


def test_balanced_training_with_votes(voted):
    predicted = fit(voted, Recipe("rf", balanced=True)).predict_proba(voted.features[[-1]])
    # The moods have 50 and 30 votes; with equal total weights, 10 / 50 for awe against 30 / 30 for fear.
    np.testing.assert_allclose(predicted, [[1 / 6, 5 / 6]], atol=0.05)


def test_masked_copies_keep_their_votes(voted):
    augmentation = Augmentation(mask_fractions=(0.5, 1.0))
    predicted = fit(voted, Recipe("rf", augmentation=augmentation)).predict_proba(voted.features[[0, -1]])
    np.testing.assert_allclose(predicted, [[1, 0], [0.25, 0.75]], atol=0.04)


def test_a_part_without_pictures_of_a_mood_is_trained_on_the_others(voted):
    votes = np.hstack([voted.votes * 0.5, np.full((80, 1), 0.5, dtype=np.float32)])
    part = dataclasses.replace(voted, votes=votes, vote_moods=("awe", "fear", "sadness"))
    trained = train(part, Recipe("logistic", {"C": 1000.0}))
    assert trained.classifier().labels == ("awe", "fear")
    np.testing.assert_allclose(trained.classifier().predict(tags=voted.tags[[-1]]), [[0.25, 0.75]], atol=0.04)


def test_votes_are_part_of_the_fingerprint(voted):
    other = dataclasses.replace(voted, votes=voted.votes[:, ::-1])
    assert len({one.fingerprint() for one in (voted, other, dataclasses.replace(voted, votes=None))}) == 3


def test_parts_of_a_training_set_have_their_votes(voted, tmp_path):
    part = voted.take([79, 0])
    assert part.votes.tolist() == [[0.25, 0.75], [1, 0]]
    training_set_file.write_training_set(voted, tmp_path / "cache.npz", source="x")
    assert training_set_file.read_training_set(tmp_path / "cache.npz", source="x").votes is None


def test_moods_without_a_picture_are_left_out_of_the_votes():
    first = LabelledPicture.of_votes(Picture.from_address("a.jpg"), {"joy": 5, "fear": 3, "anger": 2})
    second = LabelledPicture.of_votes(Picture.from_address("b.jpg"), {"joy": 0, "fear": 1, "anger": 1})
    moods, votes = vote_matrix([first, second, LabelledPicture(Picture.from_address("c.jpg"), "joy")])
    assert moods == ("fear", "joy")
    np.testing.assert_allclose(votes, [[3 / 8, 5 / 8], [1, 0], [0, 1]])
    assert vote_matrix([LabelledPicture(Picture.from_address("c.jpg"), "joy")]) == ((), None)
