"""Evaluates a recipe on the official test split of a dataset."""

from __future__ import annotations

from imagemood.errors import VocabularyError
from imagemood.evaluation.fold import predict_proba
from imagemood.evaluation.metrics import Evaluation, evaluate_predictions
from imagemood.learning import Recipe, TrainingSet, check_moods, fit
from imagemood.learning.algorithms import DEFAULT_ALGORITHM


def evaluate_split(
    train_set: TrainingSet,
    test_set: TrainingSet,
    recipe: Recipe | str = DEFAULT_ALGORITHM,
) -> Evaluation:
    """Train on one split, and evaluate on another.

    Raises
    ------
    VocabularyError
        If the training split has only one mood, or lacks a mood of the test split.
    """
    check_moods(train_set, min_images_per_mood=1)
    if unknown := sorted(set(test_set.moods) - set(train_set.moods)):
        raise VocabularyError(
            f"the split 'train' has no picture of the mood '{unknown[0]}'", hint="use --split all"
        )
    estimator = fit(train_set, Recipe.of(recipe))
    labels = tuple(estimator.classes_.tolist())
    return evaluate_predictions(test_set.moods, predict_proba(estimator, test_set), labels)
