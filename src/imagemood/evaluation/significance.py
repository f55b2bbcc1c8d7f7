"""Significance tests for differences between classifiers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


def corrected_t_test(differences: ArrayLike, *, n_train: int, n_test: int) -> float:
    r"""Test whether the mean of paired differences over the folds of a cross-validation differs from 0.

    Because the training sets of the folds overlap, a plain paired t-test finds significant differences too often.
    The corrected test uses :math:`(1/k + n_{test}/n_{train}) s^2` as the variance of the mean, instead of
    :math:`s^2/k` [1]_.

    Parameters
    ----------
    differences : array_like of shape (n_folds,)
        Differences of a metric between two classifiers on the same folds.
    n_train, n_test : int
        Numbers of training images and of test images in a fold.

    Returns
    -------
    float
        Two-sided p-value in [0, 1].

    References
    ----------
    .. [1] Nadeau, C., Bengio, Y. (2003). Inference for the generalization error. Machine Learning 52, 239-281.

    Examples
    --------
    >>> round(corrected_t_test([0.05, 0.06, 0.04, 0.05, 0.05], n_train=80, n_test=20), 4)
    0.0005
    """
    paired = np.asarray(differences, dtype=np.float64)
    k, mean, deviation = len(paired), float(paired.mean()), float(paired.std(ddof=1))
    if deviation < 1e-12:  # the differences are all equal
        return 1.0 if abs(mean) < 1e-12 else 0.0
    statistic = mean / (deviation * math.sqrt(1 / k + n_test / n_train))
    return float(2 * stats.t.sf(abs(statistic), k - 1))


def holm(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Adjust p-values for the number of tests by the step-down method of Holm [1]_.

    Parameters
    ----------
    p_values : sequence of float, in [0, 1]
        One p-value per test.

    Returns
    -------
    ndarray of shape (n_tests,), float64, in [0, 1]
        Adjusted p-values in the order of the tests. Rejecting those below 0.05 keeps the probability of any false
        rejection at or below 5 %.

    References
    ----------
    .. [1] Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
       Statistics 6(2), 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(steps, 1)
    return corrected
