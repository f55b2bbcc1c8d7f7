from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from imagemood.errors import VocabularyError
from imagemood.evaluation.ratings import correlate, correlate_affect, predicted_affect
from imagemood.prediction.affect import VALENCE_AROUSAL, affect_of


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(0)
    return rng.multivariate_normal([5, 0], [[1, 0.6], [0.6, 1]], 300).T


def test_coefficients_and_intervals(pairs):
    found = correlate("valence", *pairs)
    expected = stats.pearsonr(*pairs)
    interval = expected.confidence_interval(0.95)
    assert found.pearson.value == pytest.approx(expected.statistic)
    assert (found.pearson.low, found.pearson.high) == pytest.approx((interval.low, interval.high))
    assert found.spearman.value == pytest.approx(stats.spearmanr(*pairs).statistic)
    resampled = stats.bootstrap(
        pairs, lambda x, y: stats.spearmanr(x, y).statistic, paired=True, vectorized=False, n_resamples=500, rng=0
    ).confidence_interval
    assert (found.spearman.low, found.spearman.high) == pytest.approx((resampled.low, resampled.high), abs=0.03)
    assert found.n_images == 300


def test_the_scale_does_not_matter(pairs):
    found, scaled = correlate("valence", *pairs), correlate("valence", 100 * pairs[0] - 7, pairs[1])
    assert found.pearson.value == pytest.approx(scaled.pearson.value)
    assert correlate("valence", -pairs[0], pairs[1]).spearman.value == pytest.approx(-found.spearman.value)


def test_constant_and_perfectly_ordered_values():
    assert correlate("valence", [1, 1, 1, 1], [1, 2, 3, 4]).pearson.value is None
    ordered = correlate("valence", [1, 2, 3, 4, 6], [1, 2, 3, 4, 5])
    assert (ordered.spearman.value, ordered.spearman.low) == (pytest.approx(1), pytest.approx(1))
    with pytest.raises(VocabularyError, match="3 pictures have a rating of valence"):
        correlate("valence", [1, 2, 3], [1, 2, 3])


def test_predicted_valence_and_arousal():
    moods = tuple(sorted(VALENCE_AROUSAL))
    probabilities = np.random.default_rng(0).dirichlet(np.ones(8), 5)
    affect = predicted_affect(probabilities, moods)
    expected = [affect_of(dict(zip(moods, row, strict=True))) for row in probabilities]
    np.testing.assert_allclose(affect, [[one.valence, one.arousal] for one in expected])
    assert predicted_affect(probabilities[:, :2], ("joy", "fear")) is None


def test_missing_ratings_are_left_out(pairs):
    ratings = np.column_stack([pairs[0], pairs[1]])
    ratings[::2, 1] = np.nan
    valence, arousal = correlate_affect(ratings, ratings[:, [0, 0]])
    assert (valence.n_images, arousal.n_images) == (300, 150)
    assert valence.pearson.value == pytest.approx(1)
