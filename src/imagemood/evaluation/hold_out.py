"""Evaluates a recipe on a part of the images that is held out from training."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import train_test_split

from imagemood.errors import VocabularyError
from imagemood.evaluation.fold import predict_proba
from imagemood.evaluation.intervals import N_RESAMPLES
from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.learning import Recipe, TrainingSet, check_moods, fit
from imagemood.learning.algorithms import DEFAULT_ALGORITHM


def hold_out(
    training_set: TrainingSet,
    recipe: Recipe | str = DEFAULT_ALGORITHM,
    *,
    test_fraction: float = 0.2,
) -> Evaluation:
    """Train on a stratified part of the images, and evaluate on a fraction that is held out.

    Raises
    ------
    VocabularyError
        If there is only one mood, or a mood has too few images to be in both parts.
    """
    recipe = Recipe.of(recipe)
    check_moods(training_set, min_images_per_mood=2)
    moods = np.array(training_set.moods)
    try:
        train_index, test_index = train_test_split(
            np.arange(len(moods)), test_size=test_fraction, stratify=moods, random_state=recipe.random_state
        )
    except ValueError as error:
        raise VocabularyError(f"too few images to hold out {test_fraction:.0%} of each mood: {error}") from error
    estimator = fit(training_set.take(train_index), recipe)
    probabilities = predict_proba(estimator, training_set.take(test_index))
    labels = tuple(training_set.images_per_mood)
    return evaluate_predictions(moods[test_index], probabilities, labels, n_resamples=N_RESAMPLES)
