"""Where predictions go wrong: confusions, reliability, precision against recall, confident mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_curve

from imagemood.evaluation.metrics import confidence_bins, most_probable

_N_BINS = 10
_N_POINTS = 101


@dataclass(frozen=True)
class Reliability:
    """Answers in bins of equal width by confidence.

    Attributes
    ----------
    confidence, accuracy : list of float
        Mean confidence and share of right answers, of each bin that has answers.
    count : list of int
        How many answers each of these bins has.
    """

    confidence: list[float]
    accuracy: list[float]
    count: list[int]


@dataclass(frozen=True)
class PrecisionRecall:
    """Precision at each recall, for one mood against all others.

    Attributes
    ----------
    recall, precision : list of float
        The curve, from recall 0 to 1.
    average_precision : float
        Its mean precision; that of guessing is `prevalence`.
    prevalence : float
        Share of the images that have the mood.
    """

    recall: list[float]
    precision: list[float]
    average_precision: float
    prevalence: float


def confusions(moods: ArrayLike, probabilities: NDArray[np.float64], labels: tuple[str, ...]) -> NDArray[np.int64]:
    """Count answers by true mood and answered mood.

    Parameters
    ----------
    moods : array_like of str, of shape (n_images,)
        The truth.
    probabilities : ndarray of shape (n_images, n_moods), float64
        The answers.
    labels : tuple of str, of length n_moods
        The moods, as the columns stand.

    Returns
    -------
    ndarray of shape (n_moods, n_moods), int64
        A row for each true mood, a column for each answer.

    Examples
    --------
    >>> confusions(["awe", "awe"], np.array([[0.9, 0.1], [0.4, 0.6]]), ("awe", "fear")).tolist()
    [[1, 1], [0, 0]]
    """
    answers = most_probable(probabilities, labels)
    counts: NDArray[np.int64] = confusion_matrix(np.asarray(moods), answers, labels=list(labels))
    return counts


def reliability(moods: ArrayLike, probabilities: NDArray[np.float64], labels: tuple[str, ...]) -> Reliability:
    """Compare how sure the answers are with how often they are right.

    Parameters
    ----------
    moods, probabilities, labels
        As `confusions` takes them.

    Returns
    -------
    Reliability
        Ten bins at most.

    Examples
    --------
    >>> reliability(["awe", "awe"], np.array([[0.75, 0.25], [0.25, 0.75]]), ("awe", "fear"))
    Reliability(confidence=[0.75], accuracy=[0.5], count=[2])
    """
    sure = probabilities.max(axis=1)
    right = most_probable(probabilities, labels) == np.asarray(moods)
    place = confidence_bins(sure, _N_BINS)
    count = np.bincount(place, minlength=_N_BINS)
    filled = count > 0
    means = [np.bincount(place, values, _N_BINS)[filled] / count[filled] for values in (sure, right)]
    return Reliability(means[0].tolist(), means[1].tolist(), count[filled].tolist())


def precision_recall(
    moods: ArrayLike, probabilities: NDArray[np.float64], labels: tuple[str, ...]
) -> dict[str, PrecisionRecall]:
    """Draw precision against recall for each mood.

    Parameters
    ----------
    moods, probabilities, labels
        As `confusions` takes them.

    Returns
    -------
    dict of str to PrecisionRecall
        By mood, at 101 recalls: at each the best precision that has at least that recall.
    """
    truth = np.asarray(moods)
    recalls = np.linspace(0, 1, _N_POINTS)
    curves = {}
    for column, label in enumerate(labels):
        is_mood, score = truth == label, probabilities[:, column]
        precision, recall, _ = precision_recall_curve(is_mood, score)
        best = np.maximum.accumulate(precision)  # from recall 1 on the left to 0 on the right
        places = len(recall) - 1 - np.searchsorted(recall[::-1], recalls, side="left")
        curves[label] = PrecisionRecall(
            recalls.round(2).tolist(),
            best[places].tolist(),
            float(average_precision_score(is_mood, score)),
            float(is_mood.mean()),
        )
    return curves


def confident_mistakes(
    moods: ArrayLike, probabilities: NDArray[np.float64], labels: tuple[str, ...], *, n_top: int
) -> list[int]:
    """Find the wrong answers that were most sure.

    Parameters
    ----------
    moods, probabilities, labels
        As `confusions` takes them.
    n_top : int
        How many.

    Returns
    -------
    list of int
        Places of the images, the most sure first.

    Examples
    --------
    >>> answers = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6]])
    >>> confident_mistakes(["awe", "awe", "awe"], answers, ("awe", "fear"), n_top=5)
    [1, 2]
    """
    answers = most_probable(probabilities, labels)
    wrong = np.flatnonzero(answers != np.asarray(moods))
    order = np.argsort(-probabilities[wrong].max(axis=1), kind="stable")[:n_top]
    places: list[int] = wrong[order].tolist()
    return places
