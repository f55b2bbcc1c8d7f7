"""Metrics of predicted probabilities."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score, log_loss, precision_recall_fscore_support

from imagemood.evaluation.agreement import Valence, in_top_two, valence
from imagemood.evaluation.calibration import expected_calibration_error
from imagemood.evaluation.intervals import Intervals, bootstrap_intervals


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
        Metrics of all images; see `imagemood.evaluation.calibration.expected_calibration_error`.
    n_images : int
        Number of images that were evaluated.
    n_folds : int
        Number of folds; 0 without cross-validation.
    spread : dict of str to float
        Standard deviation of ``accuracy`` and ``macro_f1`` over the folds; empty without cross-validation.
    probabilities : ndarray of shape (n_images, n_moods), float64
        Predictions for each image by a model that was trained without it.
    top_two_accuracy : float, optional
        Share of the images whose mood is among the two most probable ones; None if there are only two moods.
    valence : Valence, optional
        Agreement on positive against negative moods; None if the valence of a mood is not known.
    intervals : Intervals, optional
        Confidence intervals of the metrics; None if they were not computed.
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
    top_two_accuracy: float | None = None
    valence: Valence | None = None
    intervals: Intervals | None = None

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
            "top_two_accuracy": self.top_two_accuracy,
            "valence": None if self.valence is None else asdict(self.valence),
            "intervals": None if self.intervals is None else self.intervals.to_dict(),
        }


def evaluate_predictions(
    moods: ArrayLike,
    probabilities: NDArray[np.float64],
    labels: tuple[str, ...],
    *,
    n_folds: int = 0,
    spread: dict[str, float] | None = None,
    n_resamples: int = 0,
) -> Evaluation:
    """Compute the metrics of predicted probabilities of shape (n_images, n_moods), whose rows sum to 1.

    ``moods`` are the true moods; ``labels`` are the moods of the columns, in ascending order. ``n_folds`` and
    ``spread`` are recorded in the `Evaluation`. With ``n_resamples``, confidence intervals are computed from that
    many bootstrap resamples (`imagemood.evaluation.intervals`).

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
    indices = np.searchsorted(labels, truth)
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
        top_two_accuracy=float(in_top_two(indices, probabilities).mean()) if len(labels) > 2 else None,
        valence=valence(truth, probabilities, labels),
        intervals=(
            bootstrap_intervals(indices, probabilities, labels, n_resamples=n_resamples) if n_resamples else None
        ),
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
