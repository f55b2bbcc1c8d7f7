from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import VocabularyError
from imagemood.learning.sampling import stratified_sample

MOODS = ["Große Freude"] * 120 + ["awe"] * 80 + ["quiet fear"] * 40


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60), st.floats(0.2, 1), st.integers(0, 9))
def test_quotas_are_proportional_and_add_up(n_awe, n_fear, n_joy, fraction, seed):
    moods = ["awe"] * n_awe + ["fear"] * n_fear + ["joy"] * n_joy
    n_images = round(fraction * len(moods))
    exact = {mood: n * n_images / len(moods) for mood, n in Counter(moods).items()}
    try:
        indices = stratified_sample(moods, n_images, random_state=seed)
    except VocabularyError:
        assert min(exact.values()) < 1
        return
    assert len(set(indices.tolist())) == n_images
    assert indices.tolist() == sorted(indices)
    counts = Counter(moods[i] for i in indices)
    for mood, expected in exact.items():
        assert abs(counts[mood] - expected) < 1


def test_a_smaller_sample_is_part_of_a_larger_one():
    small, large = (stratified_sample(MOODS, n, random_state=3) for n in (30, 60))
    assert Counter(MOODS[i] for i in small) == {"Große Freude": 15, "awe": 10, "quiet fear": 5}
    assert Counter(MOODS[i] for i in large) == {"Große Freude": 30, "awe": 20, "quiet fear": 10}
    assert set(small) <= set(large)


def test_the_seed_determines_the_sample():
    first, same, other = (stratified_sample(MOODS, 30, random_state=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, same)
    assert set(first) != set(other)


def test_every_image_is_drawn_equally_often():
    counts = np.zeros(len(MOODS))
    for seed in range(300):
        counts[stratified_sample(MOODS, 60, random_state=seed)] += 1
    assert abs(counts / 300 - 0.25).max() < 0.12  # more than four standard deviations


def test_a_sample_without_one_of_the_moods():
    with pytest.raises(VocabularyError, match="a sample of 2 images would not contain the mood 'quiet fear'"):
        stratified_sample(MOODS, 2)
