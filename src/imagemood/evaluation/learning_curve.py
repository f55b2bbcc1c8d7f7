"""How accuracy grows with the number of training images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from imagemood.evaluation.evaluate import predict_part, split
from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.learning import Recipe, TrainingSet, check_moods

_FEWEST = 100
_FEWEST_OF_MOOD = 4  # some algorithms keep a part back to calibrate themselves


@dataclass(frozen=True)
class LearningPoint:
    """Cross-validated figures at one number of training images.

    Attributes
    ----------
    n_images : int
        Training images in each fold.
    accuracy, macro_f1 : float
        Means over the folds.
    accuracy_spread, macro_f1_spread : float
        Standard deviations over the folds.
    """

    n_images: int
    accuracy: float
    macro_f1: float
    accuracy_spread: float
    macro_f1_spread: float


def learning_curve(
    training_set: TrainingSet,
    recipe: Recipe,
    *,
    sizes: Sequence[int] | None = None,
    n_folds: int = 5,
    n_jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> list[LearningPoint]:
    """Judge a recipe on growing parts of the training images; the test images stay the same.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    recipe : Recipe
        How to train.
    sizes : sequence of int, optional
        Numbers of training images; by default 100, 200, 400 … up to all that a fold has.
    n_folds : int
        Stratified folds.
    n_jobs : int, optional
        Cores to use; all by default.
    progress : callable, optional
        Called with the number of fits done and their total.

    Returns
    -------
    list of LearningPoint
        From few to many; sizes that leave a mood without images are left out.

    Raises
    ------
    VocabularyError
        If there is only one mood, or one with fewer images than folds.
    """
    check_moods(training_set, min_images_per_mood=n_folds)
    folds = split(training_set.moods, n_folds=n_folds, random_state=recipe.random_state)
    most = min(len(learned) for learned, _ in folds)
    wanted = sizes or [_FEWEST * 2**step for step in range(20)]
    wanted = sorted({size for size in wanted if size < most} | {most})
    scarcest = min(training_set.images_per_mood.values()) / len(training_set.moods)
    wanted = [size for size in wanted if size * scarcest >= _FEWEST_OF_MOOD or size == most]
    points = []
    for step, size in enumerate(wanted):
        judged: list[Evaluation] = []
        for fold, (learned, test) in enumerate(folds):
            part = training_set.take(learned).sample(size, random_state=recipe.random_state)
            kept = training_set.take(test)
            answers = predict_part(part, kept, recipe, n_jobs=n_jobs)
            judged.append(evaluate_predictions(kept.moods, answers, tuple(kept.images_per_mood)))
            if progress is not None:
                progress(step * n_folds + fold + 1, len(wanted) * n_folds)
        points.append(_point(size, judged))
    return points


def _point(size: int, judged: list[Evaluation]) -> LearningPoint:
    accuracy, macro_f1 = [j.accuracy for j in judged], [j.macro_f1 for j in judged]
    return LearningPoint(
        size,
        float(np.mean(accuracy)),
        float(np.mean(macro_f1)),
        float(np.std(accuracy, ddof=1)),
        float(np.std(macro_f1, ddof=1)),
    )
