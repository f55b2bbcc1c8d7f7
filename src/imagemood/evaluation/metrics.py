"""How good predictions are: figures of truth against probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score, log_loss, precision_recall_fscore_support

_N_BINS = 15


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of a classifier.

    Attributes
    ----------
    labels : tuple of str
        The moods.
    per_class : dict of str to dict
        ``precision``, ``recall``, ``f1`` and ``support`` of each mood.
    averages : dict of str to dict
        The same for ``macro avg`` (each mood counts alike) and ``weighted avg`` (each image counts alike).
    accuracy, macro_f1, log_loss, calibration_error : float
        Over all images; see `expected_calibration_error`.
    n_images : int
        How many images were judged.
    n_folds : int
        How many folds there were; 0 without cross-validation.
    spread : dict of str to float
        Standard deviation over folds of accuracy and macro F1.
    probabilities : ndarray of shape (n_images, n_moods), float64
        What was predicted of each image while it was left out of training.
    """

    labels: tuple[str, ...]
    per_class: dict[str, dict[str, float]]
    averages: dict[str, dict[str, float]]
    accuracy: float
    macro_f1: float
    log_loss: float
    calibration_error: float
    n_images: int
    n_folds: int
    spread: dict[str, float]
    probabilities: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """Give the figures as JSON can hold them, without the probabilities of each image.

        Returns
        -------
        dict
            The other attributes.
        """
        return {
            "n_images": self.n_images,
            "n_folds": self.n_folds,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "log_loss": self.log_loss,
            "calibration_error": self.calibration_error,
            "spread": self.spread,
            "per_class": self.per_class,
            "averages": self.averages,
        }


def evaluate_predictions(
    moods: ArrayLike,
    probabilities: NDArray[np.float64],
    labels: tuple[str, ...],
    *,
    n_folds: int = 0,
    spread: dict[str, float] | None = None,
) -> Evaluation:
    """Judge probabilities by the true moods.

    Parameters
    ----------
    moods : array_like of str, of shape (n_images,)
        The truth.
    probabilities : ndarray of shape (n_images, n_moods), float64
        The answers; each row sums to 1.
    labels : tuple of str, of length n_moods
        The moods in ascending order, as the columns stand.
    n_folds : int
        What to record as the number of folds.
    spread : dict, optional
        What to record as the spread over folds.

    Returns
    -------
    Evaluation
        The figures.

    Examples
    --------
    >>> answers = np.array([[0.9, 0.1], [0.4, 0.6]])
    >>> evaluate_predictions(["awe", "awe"], answers, ("awe", "fear")).accuracy
    0.5
    """
    truth = np.asarray(moods)
    predicted = most_probable(probabilities, labels)
    judge = {"y_true": truth, "y_pred": predicted, "labels": list(labels), "zero_division": 0}
    columns = ("precision", "recall", "f1", "support")
    per_class = {
        label: dict(zip(columns, (float(p), float(r), float(f), int(n)), strict=True))
        for label, p, r, f, n in zip(labels, *precision_recall_fscore_support(**judge), strict=True)
    }
    averages = {}
    for kind in ("macro", "weighted"):
        row = precision_recall_fscore_support(**judge, average=kind)[:3]
        averages[f"{kind} avg"] = {
            **dict(zip(columns, map(float, row), strict=False)),
            "support": len(truth),
        }
    return Evaluation(
        labels=labels,
        per_class=per_class,
        averages=averages,
        accuracy=float(accuracy_score(truth, predicted)),
        macro_f1=averages["macro avg"]["f1"],
        log_loss=float(log_loss(truth, probabilities, labels=list(labels))),
        calibration_error=expected_calibration_error(truth == predicted, probabilities.max(axis=1)),
        n_images=len(truth),
        n_folds=n_folds,
        spread=spread or {},
        probabilities=probabilities,
    )


def most_probable(probabilities: NDArray[np.float64], labels: tuple[str, ...]) -> NDArray[np.str_]:
    """Tell the most probable mood of each image.

    Parameters
    ----------
    probabilities : ndarray of shape (n_images, n_moods), float64
        The answers.
    labels : tuple of str, of length n_moods
        The moods, as the columns stand.

    Returns
    -------
    ndarray of shape (n_images,), str
        One label for each image.

    Examples
    --------
    >>> most_probable(np.array([[0.9, 0.1], [0.4, 0.6]]), ("awe", "fear")).tolist()
    ['awe', 'fear']
    """
    answers: NDArray[np.str_] = np.array(labels)[probabilities.argmax(axis=1)]
    return answers


def confidence_bins(confidence: NDArray[np.float64], n_bins: int) -> NDArray[np.intp]:
    """Put confidences into bins of equal width, each with its upper end and without its lower one.

    Parameters
    ----------
    confidence : ndarray of shape (n_images,), float64, in [0, 1]
        Probability of the answer given.
    n_bins : int
        Number of bins.

    Returns
    -------
    ndarray of shape (n_images,), int
        The bin of each, from 0.

    Examples
    --------
    >>> confidence_bins(np.array([0.0, 0.1, 0.11, 1.0]), 10).tolist()
    [0, 0, 1, 9]
    """
    return np.clip(np.ceil(confidence * n_bins).astype(np.intp) - 1, 0, n_bins - 1)


def expected_calibration_error(correct: ArrayLike, confidence: ArrayLike, *, n_bins: int = _N_BINS) -> float:
    """Compute how far confidence is from the share of right answers.

    The answers are put into bins of equal width by confidence; the differences between mean confidence and share
    of right answers are averaged, each bin by its number of answers [1]_.

    Parameters
    ----------
    correct : array_like of bool, of shape (n_images,)
        Whether each answer was right.
    confidence : array_like of float, of shape (n_images,), in [0, 1]
        Probability of the answer given.
    n_bins : int
        Number of bins.

    Returns
    -------
    float
        From 0, perfect, to 1.

    References
    ----------
    .. [1] Guo, C., Pleiss, G., Sun, Y., Weinberger, K. Q. (2017). On calibration of modern neural networks.
       ICML. Equation 3.

    Examples
    --------
    >>> round(expected_calibration_error([True, False], [0.75, 0.75]), 6)
    0.25
    """
    right, sure = np.asarray(correct, dtype=np.float64), np.asarray(confidence, dtype=np.float64)
    bins = confidence_bins(sure, n_bins)
    # In each bin |sum of right answers - sum of confidences| is the difference of the means times the count.
    gaps = np.abs(np.bincount(bins, right, n_bins) - np.bincount(bins, sure, n_bins))
    return float(gaps.sum() / len(right))
