"""Metrics of predicted probabilities with bootstrap confidence intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.evaluation.metrics import expected_calibration_error
from imagemood.prediction.affect import POSITIVE_MOODS

N_RESAMPLES = 2000
COVERAGE_PERCENT = 95


def with_intervals(
    truth: NDArray[np.intp], probabilities: NDArray[np.float64], labels: Sequence[str]
) -> dict[str, Any]:
    """Return metrics and their percentile intervals over bootstrap samples of the photos.

    Parameters
    ----------
    truth : ndarray of shape (n,), intp
        Indices of the true moods.
    probabilities : ndarray of shape (n, n_moods), float64
        Predictions; each row sums to 1.
    labels : sequence of str
        The moods.

    Returns
    -------
    dict
        For each metric, ``value``, ``low`` and ``high``: accuracy, macro F1, log loss, calibration error, the
        share of photos whose label is among the two most probable moods, the accuracy of positive against
        negative, and the F1 of each mood (``f1 MOOD``).
    """
    rng = np.random.default_rng(0)
    resamples = (rng.integers(len(truth), size=len(truth)) for _ in range(N_RESAMPLES))
    values = _metrics(truth, probabilities, labels)
    samples = [_metrics(truth[chosen], probabilities[chosen], labels) for chosen in resamples]
    tails = ((100 - COVERAGE_PERCENT) / 2, (100 + COVERAGE_PERCENT) / 2)
    intervals = {name: np.percentile([sample[name] for sample in samples], tails) for name in values}
    return {
        name: {"value": value, "low": float(intervals[name][0]), "high": float(intervals[name][1])}
        for name, value in values.items()
    }


def _metrics(
    truth: NDArray[np.intp], probabilities: NDArray[np.float64], labels: Sequence[str]
) -> dict[str, float]:
    n_moods = len(labels)
    predicted = probabilities.argmax(axis=1)
    own = probabilities[np.arange(len(truth)), truth]
    confusion = np.bincount(truth * n_moods + predicted, minlength=n_moods**2).reshape(n_moods, n_moods)
    hits, f1_weights = np.diag(confusion), confusion.sum(axis=0) + confusion.sum(axis=1)
    f1 = 2 * hits / np.maximum(f1_weights, 1)
    positive = np.array([label in POSITIVE_MOODS for label in labels])
    return {
        "accuracy": float(hits.sum() / len(truth)),
        "macro_f1": float(f1.mean()),
        "log_loss": float(-np.log(np.maximum(own, 1e-15)).mean()),
        "calibration_error": expected_calibration_error(truth == predicted, probabilities.max(axis=1)),
        "top_two": float(((probabilities > own[:, np.newaxis]).sum(axis=1) < 2).mean()),
        "valence": float(((probabilities[:, positive].sum(axis=1) > 0.5) == positive[truth]).mean()),
        **{f"f1 {label}": float(value) for label, value in zip(labels, f1, strict=True)},
    }
