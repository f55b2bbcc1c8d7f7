"""One fold of a cross-validation: training on one part of the images, and predicting the other."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.learning import Recipe, TrainedModel, TrainingSet, fit
from imagemood.models.mood_classifier import MoodClassifier
from imagemood.models.output_checks import probabilities_of

_N_TIMED = 50  # test images whose predictions are timed one by one

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Indices of the training images and of the test images."""


@dataclass(frozen=True)
class FoldMetrics:
    """Metrics of one candidate on the test images of one fold.

    Attributes
    ----------
    accuracy, macro_f1, mean_recall, log_loss, calibration_error : float
        Metrics of the predictions; the mean recall is the average of the moods' true positive rates.
    fit_s : float
        Training time in seconds.
    predict_ms : float
        Median time in milliseconds in which the exported model predicts one image from its features, on one core;
        0 if the model was not exported.
    size_mb : float
        Size of the exported model in megabytes; 0 if it was not exported.
    """

    accuracy: float
    macro_f1: float
    mean_recall: float
    log_loss: float
    calibration_error: float
    fit_s: float
    predict_ms: float = 0.0
    size_mb: float = 0.0


METRICS = tuple(field.name for field in fields(FoldMetrics))
"""Names of the metrics of a fold."""


@dataclass(frozen=True, eq=False)
class FoldResult:
    """Metrics of a fold, and the predicted probabilities of its test images, of shape (n_test, n_moods)."""

    metrics: FoldMetrics
    probabilities: NDArray[np.float64]


def split_folds(moods: Sequence[str], *, n_folds: int, random_state: int) -> list[Fold]:
    """Divide images into stratified folds."""
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
    return list(splitter.split(np.zeros(len(moods)), np.array(moods)))


def predict_proba(estimator: Any, test_set: TrainingSet) -> NDArray[np.float64]:
    """Return probabilities of shape (n_images, n_moods) whose rows sum to 1 in double precision."""
    # Some algorithms round to float32.
    return probabilities_of(estimator.predict_proba(test_set.features), where=type(estimator).__name__)


def evaluate_fold(
    train_set: TrainingSet, test_set: TrainingSet, recipe: Recipe, *, export: bool, n_jobs: int
) -> FoldResult:
    """Train on one part of the images and evaluate on the other, with the exported model if ``export``."""
    start = time.perf_counter()
    estimator = fit(train_set, recipe, n_jobs=n_jobs)
    fit_s = time.perf_counter() - start
    labels = tuple(estimator.classes_.tolist())
    if not export:
        probabilities = predict_proba(estimator, test_set)
        return FoldResult(
            _metrics(evaluate_predictions(test_set.moods, probabilities, labels), fit_s), probabilities
        )
    classifier = TrainedModel(estimator, recipe, train_set).classifier().with_threads(1)
    probabilities = classifier.predict(**test_set.inputs).astype(np.float64)
    metrics = replace(
        _metrics(evaluate_predictions(test_set.moods, probabilities, labels), fit_s),
        predict_ms=_predict_ms(classifier, test_set),
        size_mb=classifier.network.size_bytes / 1e6,
    )
    return FoldResult(metrics, probabilities)


def _metrics(evaluation: Evaluation, fit_s: float) -> FoldMetrics:
    return FoldMetrics(
        accuracy=evaluation.accuracy,
        macro_f1=evaluation.macro_f1,
        mean_recall=evaluation.averages["macro avg"]["recall"],
        log_loss=evaluation.log_loss,
        calibration_error=evaluation.calibration_error,
        fit_s=fit_s,
    )


def _predict_ms(classifier: MoodClassifier, test_set: TrainingSet) -> float:
    seconds = []
    for i in range(min(_N_TIMED, len(test_set.moods))):
        single = {name: array[i : i + 1] for name, array in test_set.inputs.items()}
        start = time.perf_counter()
        classifier.predict(**single)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)) * 1000
