from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import classification_report, f1_score

from imagemood.evaluation.metrics import evaluate_predictions, expected_calibration_error


@pytest.fixture(scope="module")
def predictions():
    rng = np.random.default_rng(1)
    labels = ("anger", "awe", "fear")
    probabilities = rng.dirichlet([1, 1, 1], size=200)
    return rng.choice(labels, 200), probabilities, labels


def test_metrics_agree_with_scikit_learn(predictions):
    moods, probabilities, labels = predictions
    ours = evaluate_predictions(moods, probabilities, labels)
    predicted = np.array(labels)[probabilities.argmax(axis=1)]
    theirs = classification_report(moods, predicted, output_dict=True)
    for name, row in {**ours.per_class, **ours.averages}.items():
        for ours_key, their_key in (("precision",) * 2, ("recall",) * 2, ("f1", "f1-score"), ("support",) * 2):
            assert row[ours_key] == pytest.approx(theirs[name][their_key])
    assert ours.accuracy == pytest.approx(theirs["accuracy"])
    assert ours.macro_f1 == pytest.approx(f1_score(moods, predicted, average="macro"))


def test_a_mood_that_is_never_predicted():
    evaluation = evaluate_predictions(["awe", "fear"], np.array([[1.0, 0.0], [1.0, 0.0]]), ("awe", "fear"))
    assert evaluation.per_class["fear"] == {"precision": 0, "recall": 0, "f1": 0, "support": 1}


def test_calibration_error_by_hand():
    # Two bins with 2 and 3 predictions: mean confidence 0.3 and 0.9, accuracy 0.5 and 1.0.
    correct = [True, False, True, True, True]
    confidence = [0.25, 0.35, 0.9, 0.85, 0.95]
    assert expected_calibration_error(correct, confidence, n_bins=2) == pytest.approx((2 * 0.2 + 3 * 0.1) / 5)


@pytest.mark.parametrize(
    ("correct", "confidence", "error"), [([True], [1.0], 0.0), ([False], [1.0], 1.0), ([False], [0.0], 0.0)]
)
def test_calibration_error_at_the_ends(correct, confidence, error):
    assert expected_calibration_error(correct, confidence) == error
