"""Bootstrap confidence intervals of the metrics of predictions.

The images are resampled with replacement within each mood, so that each resample has as many images of each mood
as the data, and even rare moods are in all of them: the stratified bootstrap [1]_. An interval is that between the
percentiles of the resampled values (the percentile method [2]_), with one exception: the calibration error, a sum
of absolute differences, is larger in resamples than in the data [3]_. Its interval is that of the basic method
[4]_, which subtracts this bias, and is extended to contain the value if it does not. It is approximate if the
calibration is nearly perfect.

The intervals cover the choice of the images on which a model is evaluated. They do not cover the choice of the
images on which it is trained, of which the spread over folds gives an impression.

`scipy.stats.bootstrap` is not used because it refuses moods with a single image.

References
----------
.. [1] A. C. Davison, D. V. Hinkley, "Bootstrap Methods and their Application", Cambridge, 1997. Section 3.2.
.. [2] B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall, 1993. Section 13.3.
.. [3] A. Kumar, P. Liang, T. Ma, "Verified Uncertainty Calibration", NeurIPS 2019. Section 4.
.. [4] Davison and Hinkley, section 5.2.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from imagemood.evaluation.agreement import in_top_two, is_positive, positive_columns
from imagemood.evaluation.calibration import N_BINS, confidence_bins

N_RESAMPLES = 1000
"""Number of resamples by default."""
_BATCH = 50  # resamples whose weights are in memory at the same time

Interval = tuple[float, float]
"""Lower and upper end."""


@dataclass(frozen=True)
class Intervals:
    """Confidence intervals of the metrics of an `imagemood.evaluation.metrics.Evaluation`.

    Attributes
    ----------
    overall : dict of str to (float, float)
        Intervals of ``accuracy``, ``macro_f1``, ``log_loss``, ``calibration_error``, ``top_two_accuracy`` and
        ``valence_accuracy``; the last two only if the evaluation has them.
    per_class : dict of str to dict
        Intervals of ``precision``, ``recall`` and ``f1`` of each mood.
    averages : dict of str to dict
        The same for ``macro avg`` and ``weighted avg``.
    n_resamples, random_state : int
        Number of resamples, and the seed of their random numbers.
    confidence_level : float
        Probability with which an interval contains the value that an infinite number of images would have.
    """

    overall: dict[str, Interval]
    per_class: dict[str, dict[str, Interval]]
    averages: dict[str, dict[str, Interval]]
    n_resamples: int
    random_state: int
    confidence_level: float = 0.95

    def to_dict(self) -> dict[str, Any]:
        """Return the intervals, and how they were computed, as a dictionary that can be written as JSON."""
        return {
            "confidence_level": self.confidence_level,
            "method": "percentiles of a bootstrap within each mood; basic method for calibration_error",
            "n_resamples": self.n_resamples,
            "random_state": self.random_state,
            **{name: list(ends) for name, ends in self.overall.items()},
            "per_class": _as_lists(self.per_class),
            "averages": _as_lists(self.averages),
        }


def _as_lists(rows: dict[str, dict[str, Interval]]) -> dict[str, dict[str, list[float]]]:
    return {name: {metric: list(ends) for metric, ends in row.items()} for name, row in rows.items()}


def bootstrap_intervals(
    truth: NDArray[np.intp],
    probabilities: NDArray[np.float64],
    labels: tuple[str, ...],
    *,
    n_resamples: int = N_RESAMPLES,
    random_state: int = 0,
    confidence_level: float = 0.95,
) -> Intervals:
    """Compute confidence intervals of all metrics from the same resamples.

    ``truth`` are the true moods as indices of ``labels``, and ``probabilities``, of shape (n_images, n_moods), are
    the predictions.
    """
    per_image = _PerImage.of(truth, probabilities, labels)
    rng = np.random.default_rng(random_state)
    strata = [images for mood in range(len(labels)) if len(images := np.flatnonzero(truth == mood))]
    sums = np.concatenate(
        [
            per_image.sums(_draw(rng, strata, min(_BATCH, n_resamples - start)))
            for start in range(0, n_resamples, _BATCH)
        ]
    )
    support = np.bincount(truth, minlength=len(labels))
    values = per_image.metrics(sums, support)
    tail = 50 * (1 - confidence_level)
    ends = {name: np.percentile(array, (tail, 100 - tail), axis=0) for name, array in values.items()}
    observed = per_image.metrics(per_image.sums(np.ones((1, len(truth)))), support)["calibration_error"].item()
    ends["calibration_error"] = _basic(observed, ends["calibration_error"])
    names = ("precision", "recall", "f1")
    return Intervals(
        overall={name: _interval(ends[name]) for name in per_image.overall},
        per_class={label: {name: _interval(ends[name][:, i]) for name in names} for i, label in enumerate(labels)},
        averages={
            f"{kind} avg": {name: _interval(ends[f"{kind}_{name}"]) for name in names}
            for kind in ("macro", "weighted")
        },
        n_resamples=n_resamples,
        random_state=random_state,
        confidence_level=confidence_level,
    )


def _interval(ends: NDArray[np.float64]) -> Interval:
    return float(ends[0]), float(ends[1])


def _basic(observed: float, percentiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the basic interval of a value that cannot be negative, extended to contain it."""
    low, high = 2 * observed - percentiles[::-1]
    return np.array([min(max(low, 0.0), observed), max(high, observed)])


def _draw(rng: np.random.Generator, strata: Sequence[NDArray[np.intp]], n_resamples: int) -> NDArray[np.float64]:
    """Return how often each image is in each resample, as an array of shape (n_resamples, n_images)."""
    weights = np.empty((n_resamples, sum(map(len, strata))))
    for images in strata:
        n = len(images)
        drawn = rng.integers(n, size=(n_resamples, n)) + np.arange(n_resamples)[:, np.newaxis] * n
        weights[:, images] = np.bincount(drawn.ravel(), minlength=n_resamples * n).reshape(n_resamples, n)
    return weights


@dataclass(frozen=True, eq=False)
class _PerImage:
    """Columns with a value for each image; the metrics are computed from their sums.

    For each mood, there is a column of whether it was predicted, and one of whether this was correct; for each bin
    of confidences, the differences between correctness and confidence; then the values that are averaged.
    """

    columns: sparse.csr_array
    n_moods: int
    averaged: tuple[str, ...]

    @classmethod
    def of(cls, truth: NDArray[np.intp], probabilities: NDArray[np.float64], labels: tuple[str, ...]) -> _PerImage:
        images, n_moods = np.arange(len(truth)), len(labels)
        predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
        smallest = np.finfo(np.float64).eps  # as in sklearn.metrics.log_loss
        averaged = {"log_loss": -np.log(np.clip(probabilities[images, truth], smallest, 1 - smallest))}
        if n_moods > 2:
            averaged["top_two_accuracy"] = in_top_two(truth, probabilities)
        positive = positive_columns(labels)
        if positive is not None:
            averaged["valence_accuracy"] = is_positive(probabilities, positive) == positive[truth]
        is_correct = predicted == truth

        def one_hot(values: NDArray[Any], columns: NDArray[np.intp], width: int) -> sparse.csr_array:
            return sparse.csr_array((values.astype(np.float64), (images, columns)), shape=(len(images), width))

        parts = [
            one_hot(np.ones(len(images)), predicted, n_moods),
            one_hot(is_correct, predicted, n_moods),
            one_hot(is_correct - confidence, confidence_bins(confidence, N_BINS), N_BINS),
            *(sparse.csr_array(column.astype(np.float64)[:, np.newaxis]) for column in averaged.values()),
        ]
        return cls(sparse.hstack(parts, format="csr"), n_moods, tuple(averaged))

    @property
    def overall(self) -> tuple[str, ...]:
        """Names of the metrics over all moods."""
        return ("accuracy", "macro_f1", "calibration_error", *self.averaged)

    def sums(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums of the columns for each row of weights, of shape (n_resamples, n_images)."""
        totals: NDArray[np.float64] = (self.columns.T @ weights.T).T
        return totals

    def metrics(self, sums: NDArray[np.float64], support: NDArray[np.intp]) -> dict[str, NDArray[np.float64]]:
        """Return the metrics of each row of sums; those of single moods have a column for each mood."""
        ends = np.cumsum([self.n_moods, self.n_moods, N_BINS])
        predicted, correct, gaps, averaged = np.split(sums, ends, axis=1)
        n_images = support.sum()
        per_mood = {
            "precision": correct / np.maximum(predicted, 1),
            "recall": correct / np.maximum(support, 1),
            "f1": 2 * correct / np.maximum(predicted + support, 1),
        }
        return {
            **per_mood,
            **{f"macro_{name}": values.mean(axis=1) for name, values in per_mood.items()},
            **{f"weighted_{name}": values @ support / n_images for name, values in per_mood.items()},
            "accuracy": correct.sum(axis=1) / n_images,
            "calibration_error": np.abs(gaps).sum(axis=1) / n_images,
            **{name: averaged[:, i] / n_images for i, name in enumerate(self.averaged)},
        }
