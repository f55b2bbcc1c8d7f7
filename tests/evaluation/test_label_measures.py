from __future__ import annotations

import dataclasses

import numpy as np

from imagemood.evaluation.label_measures import LabelMeasures, measure_labels
from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.pictures.picture import Picture

MOODS = ("awe", "fear")


def voted(**votes):
    return LabelledPicture.of_votes(Picture.from_address("a.jpg"), votes)


def test_pictures_without_votes_or_ratings_are_left_out():
    plain = LabelledPicture(Picture.from_address("b.jpg"), "awe")
    probabilities = np.array([[0.5, 0.5], [0.1, 0.9]])
    found = measure_labels([voted(awe=1, fear=1), plain], probabilities, MOODS)
    assert found.distributions.bray_curtis == 0
    assert found.distributions.n_images == 1
    assert found.correlations == []
    assert not measure_labels([plain, plain], probabilities, MOODS)
    assert LabelMeasures().to_dict() == {}


def test_votes_for_moods_that_are_not_predicted():
    probabilities = np.array([[0.5, 0.5]])
    found = measure_labels([voted(awe=2, fear=2, anger=1)], probabilities, MOODS)
    assert found.distributions.bray_curtis == 0
    assert measure_labels([voted(anger=2, awe=1)], probabilities, MOODS).distributions is None


def test_ratings_are_correlated_with_the_expected_valence_and_arousal():
    rng = np.random.default_rng(0)
    shares = rng.uniform(size=20)
    rated = [
        dataclasses.replace(voted(awe=1), votes=None, mood="", valence=value, arousal=-value if i else None)
        for i, value in enumerate(shares)
    ]
    found = measure_labels(rated, np.column_stack([shares, 1 - shares]), MOODS)
    valence, arousal = found.to_dict()["ratings"]
    assert valence["name"] == "valence"
    assert round(valence["pearson"]["value"], 6) == 1
    assert (round(arousal["spearman"]["value"], 6), arousal["n_images"]) == (1, 19)
    assert measure_labels(rated, np.column_stack([shares, 1 - shares]), ("awe", "joy")).correlations == []
