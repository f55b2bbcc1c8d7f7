from __future__ import annotations

import importlib

import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss

LABELS = ("anger", "awe", "contentment", "sadness")


@pytest.fixture
def predictions():
    rng = np.random.default_rng(1)
    truth = rng.integers(4, size=300)
    probabilities = rng.dirichlet(np.ones(4), size=300)
    probabilities[np.arange(300), truth] += 0.3
    return truth, probabilities / probabilities.sum(axis=1, keepdims=True)


def test_values_are_those_of_scikit_learn_and_lie_in_their_intervals(predictions, monkeypatch):
    metrics = importlib.import_module("metrics")
    monkeypatch.setattr(metrics, "N_RESAMPLES", 200)
    truth, probabilities = predictions
    found = metrics.with_intervals(truth, probabilities, LABELS)
    predicted = probabilities.argmax(axis=1)
    order = np.argsort(-probabilities, axis=1)
    expected = {
        "accuracy": (predicted == truth).mean(),
        "macro_f1": f1_score(truth, predicted, average="macro"),
        "log_loss": log_loss(truth, probabilities),
        "top_two": (order[:, :2] == truth[:, np.newaxis]).any(axis=1).mean(),
        "valence": ((probabilities[:, 1:3].sum(axis=1) > 0.5) == np.isin(truth, (1, 2))).mean(),
        "f1 awe": f1_score(truth, predicted, average=None)[1],
    }
    for name, value in expected.items():
        assert found[name]["value"] == pytest.approx(value)
        assert found[name]["low"] < value < found[name]["high"]


def test_intervals_of_the_accuracy_have_the_width_of_the_normal_approximation(predictions):
    metrics = importlib.import_module("metrics")
    found = metrics.with_intervals(*predictions, LABELS)["accuracy"]
    width = 2 * 1.96 * np.sqrt(found["value"] * (1 - found["value"]) / 300)
    assert found["high"] - found["low"] == pytest.approx(width, rel=0.1)
