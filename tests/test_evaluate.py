from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from imagemood.errors import VocabularyError
from imagemood.evaluate import cross_validate, evaluate_predictions, expected_calibration_error
from imagemood.learn import ALGORITHMS, SquareRoot


@pytest.fixture(scope="module")
def answers():
    dice = np.random.default_rng(1)
    labels = ("anger", "awe", "fear")
    probabilities = dice.dirichlet([1, 1, 1], size=200)
    return dice.choice(labels, 200), probabilities, labels


def test_figures_are_those_of_scikit_learn(answers):
    moods, probabilities, labels = answers
    ours = evaluate_predictions(moods, probabilities, labels)
    predicted = np.array(labels)[probabilities.argmax(axis=1)]
    theirs = classification_report(moods, predicted, output_dict=True)
    for name, row in {**ours.per_class, **ours.averages}.items():
        for ours_key, their_key in (("precision",) * 2, ("recall",) * 2, ("f1", "f1-score"), ("support",) * 2):
            assert row[ours_key] == pytest.approx(theirs[name][their_key])
    assert ours.accuracy == pytest.approx(theirs["accuracy"])
    assert ours.macro_f1 == pytest.approx(f1_score(moods, predicted, average="macro"))


def test_a_mood_never_predicted_scores_zero():
    judged = evaluate_predictions(["awe", "fear"], np.array([[1.0, 0.0], [1.0, 0.0]]), ("awe", "fear"))
    assert judged.per_class["fear"] == {"precision": 0, "recall": 0, "f1": 0, "support": 1}


def test_calibration_error_by_hand():
    # Two bins: 0.3 and 0.9 mean confidence, 0.5 and 1.0 right, of 2 and 3 answers.
    correct = [True, False, True, True, True]
    confidence = [0.25, 0.35, 0.9, 0.85, 0.95]
    assert expected_calibration_error(correct, confidence, n_bins=2) == pytest.approx((2 * 0.2 + 3 * 0.1) / 5)


@pytest.mark.parametrize(
    ("correct", "confidence", "error"), [([True], [1.0], 0.0), ([False], [1.0], 1.0), ([False], [0.0], 0.0)]
)
def test_calibration_error_at_the_ends(correct, confidence, error):
    assert expected_calibration_error(correct, confidence) == error


def test_cross_validation_is_that_of_scikit_learn(training_set):
    tags_only = training_set.without_embedding()
    ours = cross_validate(tags_only, "logistic", n_folds=4, random_state=7)
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
    assert 0 < judged.spread["accuracy"] < 0.2
    np.testing.assert_allclose(judged.probabilities.sum(axis=1), 1)
    assert json.loads(json.dumps(judged.to_dict()))["macro_f1"] == judged.macro_f1


def test_a_mood_with_fewer_images_than_folds(training_set):
    moods = np.array(training_set.moods)
    few = training_set.take(np.r_[np.flatnonzero(moods == "awe"), np.flatnonzero(moods == "quiet fear")[:4]])
    with pytest.raises(VocabularyError, match="each mood needs 5 images, but 'quiet fear' has 4"):
        cross_validate(few, "logistic")
