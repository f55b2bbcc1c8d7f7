from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import classification_report, f1_score, top_k_accuracy_score

from imagemood.evaluation.metrics import evaluate_predictions


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


def test_top_two_accuracy_agrees_with_scikit_learn(predictions):
    moods, probabilities, labels = predictions
    expected = top_k_accuracy_score(moods, probabilities, k=2, labels=list(labels))
    assert evaluate_predictions(*predictions).top_two_accuracy == pytest.approx(expected)


def test_with_two_moods_there_is_no_top_two_accuracy():
    evaluation = evaluate_predictions(["awe", "fear"], np.array([[1.0, 0.0], [1.0, 0.0]]), ("awe", "fear"))
    assert evaluation.to_dict()["top_two_accuracy"] is None


def test_intervals_and_valence_are_in_the_dictionary(predictions):
    values = evaluate_predictions(*predictions, n_resamples=20).to_dict()
    assert json.loads(json.dumps(values)) == {**values, "valence": json.loads(json.dumps(values["valence"]))}
    assert values["valence"]["labels"] == ("positive", "negative")
    assert values["intervals"]["n_resamples"] == 20
    for metric in ("accuracy", "macro_f1", "log_loss", "calibration_error", "top_two_accuracy"):
        low, high = values["intervals"][metric]
        assert low <= values[metric] <= high
    without = evaluate_predictions(*predictions).to_dict()
    assert without == {**values, "intervals": None}
