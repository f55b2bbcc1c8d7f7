"""How well an algorithm does on images that it did not learn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold, train_test_split

from imagemood.errors import VocabularyError
from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.learning import ALGORITHMS, Recipe, TrainingSet, check_moods, fit
from imagemood.models.device import cpu_count

__all__ = ["Evaluation", "Fold", "cross_validate", "evaluate_predictions", "hold_out", "predict_part", "split"]


Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Places of the training images and of the test images."""


def split(moods: Sequence[str], *, n_folds: int, random_state: int) -> list[Fold]:
    """Divide images into stratified folds.

    Parameters
    ----------
    moods : sequence of str
        The label of each image.
    n_folds : int
        How many.
    random_state : int
        Seed.

    Returns
    -------
    list of Fold
        One for each.
    """
    splitter = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
    return list(splitter.split(np.zeros(len(moods)), np.array(moods)))


def cross_validate(
    training_set: TrainingSet,
    recipe: Recipe | str = "logistic",
    *,
    n_folds: int = 5,
    n_jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Evaluation:
    """Judge an algorithm by stratified cross-validation.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    recipe : Recipe or str
        What to judge, or the name of an algorithm. Its seed is that of the folds, too; what it does to training
        images is done to those of the other folds alone.
    n_folds : int
        How many parts; each is predicted by a model that learned from the others.
    n_jobs : int, optional
        Cores to use; all by default.
    progress : callable, optional
        Called with the number of folds done and their total.

    Returns
    -------
    Evaluation
        Figures over all images, each judged once.

    Raises
    ------
    VocabularyError
        If there is only one mood, or one with fewer images than folds.
    """
    recipe = Recipe(recipe) if isinstance(recipe, str) else recipe
    check_moods(training_set, min_images_per_mood=n_folds)
    y = np.array(training_set.moods)
    labels = tuple(np.unique(y).tolist())
    folds = split(training_set.moods, n_folds=n_folds, random_state=recipe.random_state)
    cores = n_jobs or cpu_count()
    at_once = 1 if ALGORITHMS[recipe.algorithm].uses_all_cores else min(cores, n_folds)

    # Threads share the matrix; what takes long in each algorithm runs outside Python's lock.
    running = Parallel(n_jobs=at_once, prefer="threads", return_as="generator")(
        delayed(predict_part)(training_set.take(train), training_set.take(test), recipe, n_jobs=cores // at_once)
        for train, test in folds
    )
    probabilities = np.zeros((len(y), len(labels)))
    per_fold = []
    for done, ((_, test), answer) in enumerate(zip(folds, running, strict=True), start=1):
        probabilities[test] = answer
        per_fold.append(evaluate_predictions(y[test], answer, labels))
        if progress is not None:
            progress(done, n_folds)
    spread = {
        "accuracy": float(np.std([fold.accuracy for fold in per_fold], ddof=1)),
        "macro_f1": float(np.std([fold.macro_f1 for fold in per_fold], ddof=1)),
    }
    return evaluate_predictions(y, probabilities, labels, n_folds=n_folds, spread=spread)


def hold_out(
    training_set: TrainingSet, recipe: Recipe | str = "logistic", *, share: float = 0.2, n_jobs: int | None = None
) -> Evaluation:
    """Judge an algorithm on a stratified part of the images, kept from it.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    recipe : Recipe or str
        What to judge, or the name of an algorithm.
    share : float, in (0, 1)
        Share of the images to keep.
    n_jobs : int, optional
        Cores to use; all by default.

    Returns
    -------
    Evaluation
        Figures over the images kept.

    Raises
    ------
    VocabularyError
        If there is only one mood, or one with too few images to be in both parts.
    """
    recipe = Recipe(recipe) if isinstance(recipe, str) else recipe
    check_moods(training_set, min_images_per_mood=2)
    y = np.array(training_set.moods)
    try:
        train, test = train_test_split(
            np.arange(len(y)), test_size=share, stratify=y, random_state=recipe.random_state
        )
    except ValueError as error:
        raise VocabularyError(f"too few images to keep {share:.0%} of each mood: {error}") from error
    answer = predict_part(training_set.take(train), training_set.take(test), recipe, n_jobs=n_jobs)
    return evaluate_predictions(y[test], answer, tuple(np.unique(y).tolist()))


def predict_part(
    learned: TrainingSet, test: TrainingSet, recipe: Recipe, *, n_jobs: int | None = None
) -> NDArray[np.float64]:
    """Train on some images and answer others.

    Parameters
    ----------
    learned, test : TrainingSet
        Images to learn from, and others with the same inputs.
    recipe : Recipe
        How to train.
    n_jobs : int, optional
        Cores to use; all by default.

    Returns
    -------
    ndarray of shape (n_test_images, n_moods), float64
        Probabilities, with the moods that were learned in ascending order; each row sums to 1.

    Raises
    ------
    VocabularyError
        If there is only one mood to learn, or one with too few images for the algorithm.
    """
    estimator = fit(learned, recipe, n_jobs=n_jobs)
    answer: NDArray[np.float64] = estimator.predict_proba(test.features).astype(np.float64)
    answer /= answer.sum(axis=1, keepdims=True)  # rounded to float32 by some algorithms
    return answer
