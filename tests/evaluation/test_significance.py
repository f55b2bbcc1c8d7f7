from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from imagemood.evaluation.significance import corrected_t_test, holm


def test_without_the_correction_it_is_the_paired_t_test_of_scipy():
    rng = np.random.default_rng(0)
    one, other = rng.normal(0.6, 0.01, 10), rng.normal(0.59, 0.01, 10)
    expected = stats.ttest_rel(one, other).pvalue
    assert corrected_t_test(one - other, n_train=1, n_test=0) == pytest.approx(expected)
    assert corrected_t_test(one - other, n_train=80, n_test=20) > expected


def test_the_rate_of_false_positives():
    """Two equal classifiers on overlapping training sets: only the corrected test keeps its level of 5 %."""
    rng = np.random.default_rng(1)
    n_trials, k = 2000, 5
    shared = rng.normal(0, np.sqrt(0.25), (n_trials, 1))  # the effect of training images that the folds share
    differences = rng.normal(0, 1, (n_trials, k)) + shared
    corrected = np.mean([corrected_t_test(row, n_train=80, n_test=20) < 0.05 for row in differences])
    plain = np.mean([corrected_t_test(row, n_train=1, n_test=0) < 0.05 for row in differences])
    assert corrected < 0.065
    assert plain > 0.09


def test_equal_differences():
    assert corrected_t_test([0.0, 0.0, 0.0], n_train=80, n_test=20) == 1
    assert corrected_t_test([0.1, 0.1, 0.1], n_train=80, n_test=20) == 0


def test_holm_with_values_by_hand():
    # Holm 1979: multiply the smallest p-value by n, the next by n - 1, and so on; then take running maxima.
    np.testing.assert_allclose(holm([0.01, 0.005, 0.03, 0.9]), [0.03, 0.02, 0.06, 0.9])
    assert holm([]).tolist() == []
    assert holm([0.7, 0.8]).tolist() == [1, 1]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_rejects_as_the_step_down_procedure(p_values):
    """Reject the smallest p-values in order, until one exceeds 0.05 divided by the number of those that remain."""
    rejected = set()
    for step, index in enumerate(np.argsort(p_values, kind="stable")):
        if p_values[index] * (len(p_values) - step) >= 0.05:
            break
        rejected.add(int(index))
    adjusted = holm(p_values)
    assert set(np.flatnonzero(adjusted < 0.05).tolist()) == rejected
    assert (adjusted >= p_values).all()
    assert (adjusted <= 1).all()


def test_the_order_of_the_tests_is_kept():
    p_values = [0.04, 0.001, 0.02]
    assert holm(p_values[::-1]).tolist() == holm(p_values)[::-1].tolist()


@pytest.mark.parametrize("n_folds", [2, 5, 10])
def test_the_correction_depends_on_the_share_of_test_images(n_folds):
    """The variance of the mean is (1/k + n_test/n_train) s²; checked with the t distribution of scipy."""
    differences = np.random.default_rng(n_folds).normal(0.02, 0.01, n_folds)
    n_test, n_train = 100, 100 * (n_folds - 1)
    t = differences.mean() / (differences.std(ddof=1) * np.sqrt(1 / n_folds + n_test / n_train))
    expected = 2 * stats.t(n_folds - 1).sf(abs(t))
    assert corrected_t_test(differences, n_train=n_train, n_test=n_test) == pytest.approx(expected)
    assert corrected_t_test(-differences, n_train=n_train, n_test=n_test) == pytest.approx(expected)
