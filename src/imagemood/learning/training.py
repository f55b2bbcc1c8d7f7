"""Trains mood classifiers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras
from imagemood._text import valid_unicode
from imagemood.errors import InputError, VocabularyError
from imagemood.learning.algorithm_spec import AlgorithmSpec, EstimatorContext
from imagemood.learning.algorithms import DEFAULT_ALGORITHM, get_algorithm
from imagemood.learning.augmentation import Augmentation
from imagemood.learning.recipe import Recipe
from imagemood.learning.soft_labels import expand
from imagemood.learning.trained_model import TrainedModel
from imagemood.learning.training_set import TrainingSet
from imagemood.models.device import cpu_count

with _extras.needs("train"):
    from joblib import parallel_config
    from sklearn.pipeline import Pipeline
    from sklearn.utils.class_weight import compute_sample_weight
    from threadpoolctl import threadpool_limits

__all__ = ["TrainedModel", "check_moods", "check_number_of_images", "fit", "train"]


def train(
    training_set: TrainingSet, recipe: Recipe | str = DEFAULT_ALGORITHM, *, n_jobs: int | None = None
) -> TrainedModel:
    """Train a mood classifier.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    recipe : Recipe or str
        How to train, or the name of an algorithm in `imagemood.learning.ALGORITHMS`.
    n_jobs : int, optional
        Number of CPU cores to use. Defaults to all.

    Returns
    -------
    TrainedModel
        The fitted estimator, which can be exported to ONNX and written as a model directory.

    Raises
    ------
    VocabularyError
        If there is only one mood, if a mood has too few images for the algorithm, or if all images have the same
        features.
    InputError
        If there is no such algorithm or parameter, or if the algorithm does not support balanced training.

    Examples
    --------
    >>> from imagemood.tables.tag_set import TagSet
    >>> from imagemood.tables import Labels
    >>> tags = TagSet.from_rows([0, 1, 2, 3], ["cat", "shark", "cat", "shark"], [1.0, 1.0, 0.5, 0.5])
    >>> trained = train(TrainingSet.from_rows(tags, Labels(["joy", "fear", "joy", "fear"])), "rf")
    >>> trained.classifier().labels
    ('fear', 'joy')
    """
    recipe = Recipe.of(recipe)
    return TrainedModel(fit(training_set, recipe, n_jobs=n_jobs), recipe, training_set)


def fit(training_set: TrainingSet, recipe: Recipe, *, n_jobs: int | None = None) -> Any:
    """Fit the estimator of a recipe to a training set, and return it; see `train` for the exceptions."""
    algorithm = get_algorithm(recipe.algorithm)
    check_moods(training_set, min_images_per_mood=algorithm.min_images_per_mood)
    n_jobs = n_jobs or cpu_count()
    features, moods, votes = _augment(training_set, recipe.augmentation)
    n_images = len(training_set.moods)
    context = EstimatorContext(
        training_set.widths, n_images, recipe.random_state, n_jobs, n_copies=len(moods) // n_images
    )
    estimator = algorithm.make_estimator(context, recipe.parameters)
    if (features == features[0]).all():
        raise VocabularyError(
            f"all images have the same {' and '.join(training_set.inputs)}", hint="add images that differ"
        )
    check_number_of_images(algorithm, estimator, len(moods))
    weights = None
    if votes is not None and algorithm.accepts_votes:
        # Moods without an image of their own, which a part of a training set may have, are left out.
        own = [mood in training_set.images_per_mood for mood in training_set.vote_moods]
        features, moods, weights = expand(features, votes[:, own], sorted(training_set.images_per_mood))
    if recipe.balanced:
        weights = _balanced_weights(algorithm, moods, weights)
    arguments = {} if weights is None else {f"{_last_step(estimator)}sample_weight": weights}
    # Without this variable, scikit-learn starts lscpu to count the cores.
    os.environ.setdefault("OMP_NUM_THREADS", str(cpu_count()))
    # Threads suffice, since the algorithms compute in C, and processes would take seconds to start.
    with threadpool_limits(n_jobs, user_api="openmp"), parallel_config("threading"):
        return estimator.fit(features, moods, **arguments)


_ADD_IMAGES = "add images or remove the mood"


def check_moods(training_set: TrainingSet, *, min_images_per_mood: int, hint: str = _ADD_IMAGES) -> None:
    """Raise a `VocabularyError` if there is only one mood, or, with the hint, if a mood has too few images."""
    check_images_per_mood(training_set.images_per_mood, min_images_per_mood, hint=hint)


def check_images_per_mood(counts: Mapping[str, int], min_images_per_mood: int, *, hint: str = _ADD_IMAGES) -> None:
    """Raise a `VocabularyError` if there is only one mood, or if a mood has too few images or an invalid name."""
    for mood in counts:
        if not mood or mood.endswith("\0") or mood != valid_unicode(mood):
            raise VocabularyError(
                f"invalid mood '{mood}'", hint="use text that is not empty and does not end with a null character"
            )
    if len(counts) < 2:
        raise VocabularyError(
            f"all images have the mood '{next(iter(counts), '')}'", hint="label images with at least two moods"
        )
    scarce = {mood: n for mood, n in counts.items() if n < min_images_per_mood}
    if scarce:
        listed = ", ".join(f"'{mood}' has {n}" for mood, n in scarce.items())
        raise VocabularyError(f"each mood needs {min_images_per_mood} images, but {listed}", hint=hint)


def _augment(
    training_set: TrainingSet, augmentation: Augmentation
) -> tuple[NDArray[np.float32], NDArray[np.str_], NDArray[np.float32] | None]:
    """Return the features, moods and votes of the images or of their modified copies."""
    if training_set.tags is None or augmentation.is_empty:
        return training_set.features, np.array(training_set.moods), training_set.votes
    tags, origin = augmentation.apply(training_set.tags)
    copies = training_set.take(origin)
    inputs = copies.inputs | {"tags": tags}
    return np.hstack(list(inputs.values())), np.array(copies.moods), copies.votes


def check_number_of_images(algorithm: AlgorithmSpec, estimator: Any, n_images: int) -> None:
    """Raise `VocabularyError` if an estimator compares more images than there are for training."""
    name = algorithm.n_images_parameter
    needed = algorithm.parameter(estimator, name) if name else 0
    if n_images < needed:
        raise VocabularyError(
            f"'{algorithm.name}' needs at least {needed} images ({name}={needed}), but there are {n_images}",
            hint="add images",
        )


def _balanced_weights(
    algorithm: AlgorithmSpec, moods: NDArray[np.str_], weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return weights of the rows that give all moods the same total weight."""
    if not algorithm.accepts_sample_weight:
        raise InputError(f"'{algorithm.name}' does not support balanced training", hint="use another algorithm")
    if weights is None:
        return np.asarray(compute_sample_weight("balanced", moods), dtype=np.float64)
    _, mood_index = np.unique(moods, return_inverse=True)
    totals = np.bincount(mood_index, weights)
    scales: NDArray[np.float64] = weights.sum() / (len(totals) * totals)
    return weights * scales[mood_index]


def _last_step(estimator: Any) -> str:
    """Return the prefix of the arguments of ``fit`` for the last step of a pipeline."""
    return f"{estimator.steps[-1][0]}__" if isinstance(estimator, Pipeline) else ""
