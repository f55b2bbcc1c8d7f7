"""Diagnostics of predictions: confusions, reliability, precision and recall, confident mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_curve

from imagemood.evaluation.calibration import confidence_bins
from imagemood.evaluation.metrics import most_probable

_N_BINS = 10
_N_POINTS = 101


@dataclass(frozen=True)
class Reliability:
    """Predictions in bins of equal width by confidence.

    Attributes
    ----------
    confidence, accuracy : list of float
        Mean confidence and accuracy of each bin that is not empty.
    count : list of int
        Number of predictions in each of these bins.
    """

    confidence: list[float]
    accuracy: list[float]
    count: list[int]


@dataclass(frozen=True)
class PrecisionRecall:
    """Precision as a function of recall, for one mood against all others.

    Attributes
    ----------
    recall, precision : list of float
        The curve, from recall 0 to 1.
    average_precision : float
        Average precision; random predictions have the value of `prevalence`.
    prevalence : float
        Fraction of the images that have the mood.
    """

    recall: list[float]
    precision: list[float]
    average_precision: float
    prevalence: float


def confusions(moods: ArrayLike, probabilities: NDArray[np.float64], labels: tuple[str, ...]) -> NDArray[np.int64]:
    """Count images by true and predicted mood, as an array of shape (n_moods, n_moods).

    Rows are true moods and columns are predicted moods, in the order of ``labels``, which is also the order of the
    columns of ``probabilities``.

    Examples
    --------
    >>> confusions(["awe", "awe"], np.array([[0.9, 0.1], [0.4, 0.6]]), ("awe", "fear")).tolist()
    [[1, 1], [0, 0]]
    """
    predicted = most_probable(probabilities, labels)
    counts: NDArray[np.int64] = confusion_matrix(np.asarray(moods), predicted, labels=list(labels))
    return counts


def reliability(moods: ArrayLike, probabilities: NDArray[np.float64], labels: tuple[str, ...]) -> Reliability:
    """Compare confidence with accuracy in up to ten bins; the arguments are those of `confusions`.

    Examples
    --------
    >>> reliability(["awe", "awe"], np.array([[0.75, 0.25], [0.25, 0.75]]), ("awe", "fear"))
    Reliability(confidence=[0.75], accuracy=[0.5], count=[2])
    """
    confidence = probabilities.max(axis=1)
    is_correct = most_probable(probabilities, labels) == np.asarray(moods)
    bins = confidence_bins(confidence, _N_BINS)
    count = np.bincount(bins, minlength=_N_BINS)
    used = count > 0
    means = [np.bincount(bins, values, _N_BINS)[used] / count[used] for values in (confidence, is_correct)]
    return Reliability(means[0].tolist(), means[1].tolist(), count[used].tolist())


def precision_recall(
    moods: ArrayLike, probabilities: NDArray[np.float64], labels: tuple[str, ...]
) -> dict[str, PrecisionRecall]:
    """Return the precision-recall curve of each true mood; the arguments are those of `confusions`.

    Each curve has 101 points; the precision at a recall is the best precision that reaches at least this recall.
    """
    truth = np.asarray(moods)
    recalls = np.linspace(0, 1, _N_POINTS)
    curves = {}
    for column, label in enumerate(labels):
        is_mood, score = truth == label, probabilities[:, column]
        if not is_mood.any():
            continue
        precision, recall, _ = precision_recall_curve(is_mood, score)
        best = np.maximum.accumulate(precision)  # recall decreases from 1 to 0
        indices = len(recall) - 1 - np.searchsorted(recall[::-1], recalls, side="left")
        curves[label] = PrecisionRecall(
            recalls.round(2).tolist(),
            best[indices].tolist(),
            float(average_precision_score(is_mood, score)),
            float(is_mood.mean()),
        )
    return curves


def confident_mistakes(
    moods: ArrayLike, probabilities: NDArray[np.float64], labels: tuple[str, ...], *, n_top: int
) -> list[int]:
    """Return the indices of the wrong predictions with the highest confidence, in descending order.

    The arguments are those of `confusions`; at most ``n_top`` indices are returned.

    Examples
    --------
    >>> probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    >>> confident_mistakes(["awe", "awe", "awe"], probabilities, ("awe", "fear"), n_top=5)
    [1, 2]
    """
    predicted = most_probable(probabilities, labels)
    wrong = np.flatnonzero(predicted != np.asarray(moods))
    order = np.argsort(-probabilities[wrong].max(axis=1), kind="stable")[:n_top]
    indices: list[int] = wrong[order].tolist()
    return indices
