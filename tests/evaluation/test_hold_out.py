from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from imagemood.errors import VocabularyError
from imagemood.evaluation.hold_out import hold_out
from imagemood.learning import Recipe, SquareRoot


@pytest.mark.parametrize(("test_fraction", "n_test"), [(0.2, 48), (0.5, 120)])
def test_predictions_agree_with_scikit_learn(training_set, test_fraction, n_test):
    tags_only = training_set.select(["tags"])
    evaluation = hold_out(tags_only, Recipe("logistic", random_state=3), test_fraction=test_fraction)
    train_x, test_x, train_y, test_y = train_test_split(
        tags_only.tags, tags_only.moods, test_size=test_fraction, stratify=tags_only.moods, random_state=3
    )
    estimator = make_pipeline(SquareRoot(), LogisticRegression(C=2.0, max_iter=1000, random_state=3))
    estimator.fit(train_x, train_y)
    assert evaluation.accuracy == estimator.score(test_x, test_y)
    np.testing.assert_allclose(evaluation.probabilities, estimator.predict_proba(test_x), atol=1e-6)
    assert evaluation.n_images == n_test
    assert (evaluation.n_folds, evaluation.spread) == (0, {})


def test_the_name_of_an_algorithm_is_a_recipe(training_set):
    by_name, by_recipe = hold_out(training_set, "rf"), hold_out(training_set, Recipe("rf"))
    np.testing.assert_allclose(by_name.probabilities, by_recipe.probabilities, atol=1e-12)


def test_too_few_images(training_set):
    moods = np.array(training_set.moods)
    awe, fear = (np.flatnonzero(moods == mood) for mood in ("awe", "quiet fear"))
    with pytest.raises(VocabularyError, match="too few images to hold out 20% of each mood"):
        hold_out(training_set.take(np.r_[awe[:3], fear[:2]]))
    with pytest.raises(VocabularyError, match="each mood needs 2 images, but 'quiet fear' has 1"):
        hold_out(training_set.take(np.r_[awe[:3], fear[:1]]))
