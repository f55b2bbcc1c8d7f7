from __future__ import annotations

import numpy as np
import pytest

from imagemood.evaluation.agreement import in_top_two, positive_columns, valence

MOODS = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness")


def test_the_predicted_mood_is_among_the_top_two_even_if_probabilities_are_equal():
    probabilities = np.full((8, 8), 1 / 8)
    assert in_top_two(np.arange(8), probabilities).tolist() == [True, True, *[False] * 6]


def test_four_moods_are_positive():
    assert [mood for mood, positive in zip(MOODS, positive_columns(MOODS), strict=True) if positive] == [
        "amusement",
        "awe",
        "contentment",
        "excitement",
    ]


def test_the_valence_follows_from_the_sum_of_the_moods():
    """The most probable mood of each image is fear, but the positive moods together can be more probable."""
    labels = ("awe", "contentment", "fear")
    probabilities = np.array([[0.3, 0.3, 0.4], [0.1, 0.1, 0.8], [0.3, 0.3, 0.4], [0.1, 0.2, 0.7], [0.0, 0.1, 0.9]])
    found = valence(["awe", "contentment", "fear", "fear", "fear"], probabilities, labels)
    assert found.confusions == [[1, 1], [1, 2]]
    assert found.accuracy == pytest.approx(3 / 5)


def test_moods_that_are_only_positive_have_no_valence():
    assert valence(["awe"], np.array([[0.6, 0.4]]), ("amusement", "awe")) is None


@pytest.mark.parametrize("other", ["Awe", "calm", "positive", "", "neutral"])
def test_a_mood_of_unknown_valence_leaves_it_out(other):
    labels = tuple(sorted((*MOODS, other)))
    assert valence(["awe"], np.full((1, 9), 1 / 9), labels) is None
