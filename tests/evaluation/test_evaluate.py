from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline

from imagemood.errors import VocabularyError
from imagemood.evaluation.evaluate import cross_validate, hold_out
from imagemood.learning import ALGORITHMS, Recipe, SquareRoot
from imagemood.learning.augmentation import Augmentation


def test_cross_validation_is_that_of_scikit_learn(training_set):
    tags_only = training_set.select(["tags"])
    ours = cross_validate(tags_only, Recipe("logistic", random_state=7), n_folds=4)
    estimator = make_pipeline(SquareRoot(), LogisticRegression(C=2.0, max_iter=1000, random_state=7))
    theirs = cross_val_predict(
        estimator,
        tags_only.tags,
        tags_only.moods,
        cv=StratifiedKFold(4, shuffle=True, random_state=7),
        method="predict_proba",
    )
    np.testing.assert_allclose(ours.probabilities, theirs, atol=1e-6)
    assert ours.n_folds == 4
    assert ours.n_images == 240


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_can_be_judged(training_set, algorithm):
    done = []
    judged = cross_validate(training_set, algorithm, n_folds=3, progress=lambda *step: done.append(step))
    assert done == [(1, 3), (2, 3), (3, 3)]
    assert judged.accuracy > 0.8
    assert 0 <= judged.spread["accuracy"] < 0.2
    np.testing.assert_allclose(judged.probabilities.sum(axis=1), 1)
    assert json.loads(json.dumps(judged.to_dict()))["macro_f1"] == judged.macro_f1


def test_a_mood_with_fewer_images_than_folds(training_set):
    moods = np.array(training_set.moods)
    few = training_set.take(np.r_[np.flatnonzero(moods == "awe"), np.flatnonzero(moods == "quiet fear")[:4]])
    with pytest.raises(VocabularyError, match="each mood needs 5 images, but 'quiet fear' has 4"):
        cross_validate(few, "logistic")


def test_held_out_part_is_that_of_scikit_learn(training_set):
    tags_only = training_set.select(["tags"])
    ours = hold_out(tags_only, Recipe("logistic", random_state=3))
    parts = train_test_split(
        tags_only.tags, tags_only.moods, test_size=0.2, stratify=tags_only.moods, random_state=3
    )
    learned_x, kept_x, learned_y, kept_y = parts
    estimator = make_pipeline(SquareRoot(), LogisticRegression(C=2.0, max_iter=1000, random_state=3))
    assert ours.accuracy == estimator.fit(learned_x, learned_y).score(kept_x, kept_y)
    assert ours.n_images == 48


def test_only_training_images_are_augmented(training_set):
    judged = cross_validate(training_set, Recipe("logistic", augmentation=Augmentation((0.5, 1.0))), n_folds=3)
    assert judged.n_images == 240
    assert judged.accuracy > 0.8


def test_too_few_images_to_keep_a_part(training_set):
    moods = np.array(training_set.moods)
    few = training_set.take(np.r_[np.flatnonzero(moods == "awe")[:3], np.flatnonzero(moods == "quiet fear")[:2]])
    with pytest.raises(VocabularyError, match="too few images to keep 20% of each mood"):
        hold_out(few)
