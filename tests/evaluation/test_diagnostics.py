from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, confusion_matrix

from imagemood.evaluation.calibration import expected_calibration_error
from imagemood.evaluation.diagnostics import confident_mistakes, confusions, precision_recall, reliability

LABELS = ("awe", "fear", "joy")


@pytest.fixture(scope="module")
def predictions():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet([1, 1, 1], 500)
    moods = [LABELS[rng.choice(3, p=row)] for row in probabilities]
    return moods, probabilities


def test_confusions_agree_with_scikit_learn(predictions):
    moods, probabilities = predictions
    expected = confusion_matrix(moods, np.array(LABELS)[probabilities.argmax(axis=1)])
    np.testing.assert_array_equal(confusions(moods, probabilities, LABELS), expected)


def test_reliability_agrees_with_scikit_learn(predictions):
    moods, probabilities = predictions
    ours = reliability(moods, probabilities, LABELS)
    is_correct = np.array(LABELS)[probabilities.argmax(axis=1)] == moods
    accuracy, confidence = calibration_curve(is_correct, probabilities.max(axis=1), n_bins=10)
    np.testing.assert_allclose(ours.accuracy, accuracy)
    np.testing.assert_allclose(ours.confidence, confidence)
    assert sum(ours.count) == 500
    gaps = np.abs(np.subtract(ours.accuracy, ours.confidence)) @ ours.count / 500
    assert gaps == pytest.approx(expected_calibration_error(is_correct, probabilities.max(axis=1), n_bins=10))


def test_the_precision_at_a_recall_is_the_best_that_reaches_it(predictions):
    moods, probabilities = predictions
    curves = precision_recall(moods, probabilities, LABELS)
    assert list(curves) == list(LABELS)
    for column, (label, curve) in enumerate(curves.items()):
        is_mood, score = np.array(moods) == label, probabilities[:, column]
        assert curve.average_precision == pytest.approx(average_precision_score(is_mood, score))
        assert curve.prevalence == pytest.approx(is_mood.mean())
        assert curve.precision == sorted(curve.precision, reverse=True)
        ranked = is_mood[np.argsort(-score)]
        precisions = np.cumsum(ranked) / np.arange(1, 501)
        recalls = np.cumsum(ranked) / ranked.sum()
        for recall in (0.1, 0.5, 1.0):
            expected = precisions[recalls >= recall - 1e-12].max()
            assert curve.precision[round(100 * recall)] == pytest.approx(expected)


def test_mistakes_are_wrong_and_sorted_by_confidence(predictions):
    moods, probabilities = predictions
    indices = confident_mistakes(moods, probabilities, LABELS, n_top=20)
    assert len(indices) == 20
    assert all(LABELS[probabilities[i].argmax()] != moods[i] for i in indices)
    confidence_of_mistakes = probabilities[indices].max(axis=1)
    assert confidence_of_mistakes.tolist() == sorted(confidence_of_mistakes, reverse=True)
    assert confident_mistakes(["awe"], np.array([[1.0, 0.0, 0.0]]), LABELS, n_top=3) == []
