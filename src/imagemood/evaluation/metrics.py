"""Metrics of predicted probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score, log_loss, precision_recall_fscore_support

_N_BINS = 15


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Metrics of a classifier.

    Attributes
    ----------
    labels : tuple of str
        The moods.
    per_class : dict of str to dict
        ``precision``, ``recall``, ``f1`` and ``support`` (number of images) of each mood.
    averages : dict of str to dict
        The same for ``macro avg`` (all moods have the same weight) and ``weighted avg`` (all images have the same
        weight).
    accuracy, macro_f1, log_loss, calibration_error : float
        Metrics of all images; see `expected_calibration_error`.
    n_images : int
        Number of images that were evaluated.
    n_folds : int
        Number of folds; 0 without cross-validation.
    spread : dict of str to float
        Standard deviation of ``accuracy`` and ``macro_f1`` over the folds; empty without cross-validation.
    probabilities : ndarray of shape (n_images, n_moods), float64
        Predictions for each image by a model that was trained without it.
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
        """Return the metrics, without the probabilities, as a dictionary that can be written as JSON."""
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
    """Compute the metrics of predicted probabilities of shape (n_images, n_moods), whose rows sum to 1.

    ``moods`` are the true moods; ``labels`` are the moods of the columns, in ascending order. ``n_folds`` and
    ``spread`` are recorded in the `Evaluation`.

    Examples
    --------
    >>> probabilities = np.array([[0.9, 0.1], [0.4, 0.6]])
    >>> evaluate_predictions(["awe", "awe"], probabilities, ("awe", "fear")).accuracy
    0.5
    """
    truth = np.asarray(moods)
    predicted = most_probable(probabilities, labels)
    arguments = {"y_true": truth, "y_pred": predicted, "labels": list(labels), "zero_division": 0}
    columns = ("precision", "recall", "f1", "support")
    per_class = {
        label: dict(zip(columns, (float(p), float(r), float(f), int(n)), strict=True))
        for label, p, r, f, n in zip(labels, *precision_recall_fscore_support(**arguments), strict=True)
    }
    averages = {}
    for kind in ("macro", "weighted"):
        row = precision_recall_fscore_support(**arguments, average=kind)[:3]
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
    """Return the most probable label of each row.

    Examples
    --------
    >>> most_probable(np.array([[0.9, 0.1], [0.4, 0.6]]), ("awe", "fear")).tolist()
    ['awe', 'fear']
    """
    predicted: NDArray[np.str_] = np.array(labels)[probabilities.argmax(axis=1)]
    return predicted


def confidence_bins(confidence: NDArray[np.float64], n_bins: int) -> NDArray[np.intp]:
    """Return the index of the bin of each confidence; bins have equal width and include their upper end.

    Examples
    --------
    >>> confidence_bins(np.array([0.0, 0.1, 0.11, 1.0]), 10).tolist()
    [0, 0, 1, 9]
    """
    return np.clip(np.ceil(confidence * n_bins).astype(np.intp) - 1, 0, n_bins - 1)


def expected_calibration_error(correct: ArrayLike, confidence: ArrayLike, *, n_bins: int = _N_BINS) -> float:
    """Compute the mean difference between confidence and accuracy.

    Predictions are put into bins of equal width by confidence. The absolute differences between the mean
    confidence and the accuracy of the bins are averaged, weighted by the number of predictions [1]_.

    Parameters
    ----------
    correct : array_like of bool, of shape (n_images,)
        Whether each prediction is correct.
    confidence : array_like of float, of shape (n_images,), in [0, 1]
        Predicted probability of the predicted mood.
    n_bins : int
        Number of bins.

    Returns
    -------
    float
        From 0, perfect calibration, to 1.

    References
    ----------
    .. [1] Guo, C., Pleiss, G., Sun, Y., Weinberger, K. Q. (2017). On calibration of modern neural networks.
       ICML. Equation 3.

    Examples
    --------
    >>> round(expected_calibration_error([True, False], [0.75, 0.75]), 6)
    0.25
    """
    is_correct = np.asarray(correct, dtype=np.float64)
    probability = np.asarray(confidence, dtype=np.float64)
    bins = confidence_bins(probability, n_bins)
    # In each bin, the difference of the sums is the difference of the means times the count.
    gaps = np.abs(np.bincount(bins, is_correct, n_bins) - np.bincount(bins, probability, n_bins))
    return float(gaps.sum() / len(is_correct))
