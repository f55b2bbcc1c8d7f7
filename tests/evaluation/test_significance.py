from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from imagemood.evaluation.significance import corrected_t_test, holm


def test_without_test_images_it_is_the_paired_t_test():
    rng = np.random.default_rng(0)
    one, other = rng.normal(0.6, 0.01, 10), rng.normal(0.59, 0.01, 10)
    expected = stats.ttest_rel(one, other).pvalue
    assert corrected_t_test(one - other, n_train=1, n_test=0) == pytest.approx(expected)
    assert corrected_t_test(one - other, n_train=80, n_test=20) > expected


def test_false_alarms_are_as_rare_as_promised():
    """Twice the same coin-like classifier on overlapping training sets: the plain test cries wolf too often."""
    rng = np.random.default_rng(1)
    n_trials, k = 2000, 5
    shared = rng.normal(0, np.sqrt(0.25), (n_trials, 1))  # what overlapping training sets share
    differences = rng.normal(0, 1, (n_trials, k)) + shared
    corrected = np.mean([corrected_t_test(row, n_train=80, n_test=20) < 0.05 for row in differences])
    plain = np.mean([corrected_t_test(row, n_train=1, n_test=0) < 0.05 for row in differences])
    assert corrected < 0.065
    assert plain > 0.09


def test_folds_that_all_say_the_same():
    assert corrected_t_test([0.0, 0.0, 0.0], n_train=80, n_test=20) == 1
    assert corrected_t_test([0.1, 0.1, 0.1], n_train=80, n_test=20) == 0


def test_holm_against_the_textbook():
    # Holm 1979: multiply the smallest by n, the next by n - 1, …; never let a later one be smaller.
    np.testing.assert_allclose(holm([0.01, 0.005, 0.03, 0.9]), [0.03, 0.02, 0.06, 0.9])
    assert holm([]).tolist() == []
    assert holm([0.7, 0.8]).tolist() == [1, 1]
