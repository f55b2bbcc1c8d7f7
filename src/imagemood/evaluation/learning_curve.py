"""Accuracy as a function of the number of training images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imagemood.evaluation.candidate import Candidate, CandidateResult
from imagemood.evaluation.cross_validation import Progress, cross_validate
from imagemood.evaluation.fold import split_folds
from imagemood.evaluation.journal import Journal
from imagemood.learning import Recipe, TrainingSet, check_moods

_SMALLEST_SIZE = 100
_MIN_IMAGES_PER_MOOD = 4  # some algorithms hold out images for calibration


@dataclass(frozen=True)
class LearningPoint:
    """Cross-validated metrics for one number of training images.

    Attributes
    ----------
    n_images : int
        Number of training images in each fold.
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
    journal: Journal | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> list[LearningPoint]:
    """Evaluate a recipe on growing parts of the training images; the test images stay the same.

    The sizes default to 100, 200, 400, … training images; all training images of a fold are always included. Sizes
    that are too small for the rarest mood are skipped. The points are in ascending order of their size. See
    `imagemood.evaluation.cross_validation.cross_validate` for the other parameters.
    """
    inputs = tuple(training_set.inputs)
    results = cross_validate(
        training_set,
        [Candidate(recipe, inputs, size) for size in _sizes(training_set, recipe, sizes, n_folds)],
        n_folds=n_folds,
        random_state=recipe.random_state,
        export=False,
        backend="threads",
        journal=journal,
        n_jobs=n_jobs,
        progress=progress,
    )
    return [_point(result) for result in results]


def _sizes(training_set: TrainingSet, recipe: Recipe, sizes: Sequence[int] | None, n_folds: int) -> list[int]:
    """Return the numbers of training images to evaluate."""
    check_moods(training_set, min_images_per_mood=n_folds)
    folds = split_folds(training_set.moods, n_folds=n_folds, random_state=recipe.random_state)
    largest = min(len(train_index) for train_index, _ in folds)
    requested = sizes or [_SMALLEST_SIZE * 2**step for step in range(20)]
    rarest = min(training_set.images_per_mood.values()) / len(training_set.moods)
    smaller = {size for size in requested if size < largest and size * rarest >= _MIN_IMAGES_PER_MOOD}
    return [*sorted(smaller), largest]


def _point(result: CandidateResult) -> LearningPoint:
    return LearningPoint(
        n_images=result.candidate.n_train or 0,
        accuracy=result.mean("accuracy"),
        macro_f1=result.mean("macro_f1"),
        accuracy_spread=result.std("accuracy"),
        macro_f1_spread=result.std("macro_f1"),
    )
