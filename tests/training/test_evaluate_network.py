from __future__ import annotations

import importlib
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from sklearn.metrics import accuracy_score, f1_score

from imagemood import builtin

LABELS = ("anger", "awe", "contentment")


@pytest.fixture
def script(monkeypatch):
    module = importlib.import_module("evaluate_network")
    monkeypatch.setattr(module, "N_RESAMPLES", 50)
    return module


class FakeFold:
    """A fold whose predictions are random, and worse at lower resolutions."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.classifier = SimpleNamespace(labels=LABELS)
        self.moods = rng.choice(LABELS, 40)
        self.noise = rng.dirichlet(np.ones(3), 40)

    def probabilities(self, *, n_views=1, size_px=224):
        right = np.array([[label == mood for label in LABELS] for mood in self.moods])
        share = 0.3 * size_px / 224 + 0.1 * (n_views - 1)
        return share * right + (1 - share) * self.noise

    def composite_hits(self):
        return np.array([[1.0, 0.0], [1.0, 1.0]])


def test_the_predictions_of_all_folds_are_pooled(script):
    folds = [FakeFold(seed) for seed in range(5)]
    found = script.cross_validate(folds)
    moods = np.concatenate([fold.moods for fold in folds])
    each = [np.array(LABELS)[fold.probabilities().argmax(axis=1)] for fold in folds]
    metrics = found["cross_validation"]
    assert (found["n_images"], metrics["n_images"], metrics["n_folds"]) == (200, 200, 5)
    assert metrics["macro_f1"] == pytest.approx(f1_score(moods, np.concatenate(each), average="macro"))
    accuracies = [accuracy_score(fold.moods, predicted) for fold, predicted in zip(folds, each, strict=True)]
    assert [fold["accuracy"] for fold in found["folds"]] == pytest.approx(accuracies)
    assert metrics["spread"]["accuracy"] == pytest.approx(np.std(accuracies, ddof=1))
    assert metrics["intervals"]["n_resamples"] == 50
    assert sum(map(sum, metrics["valence"]["confusions"])) == 200


def test_a_single_fold_has_no_spread(script):
    found = script.cross_validate([FakeFold(0)])
    assert (found["cross_validation"]["n_folds"], found["cross_validation"]["spread"]) == (1, {})


def test_resolutions_views_and_composites_have_their_own_results(script):
    found = script.cross_validate([FakeFold(seed) for seed in range(5)])
    rows = found["resolution"]
    assert [row["size_px"] for row in rows] == [64, 128, 224]
    assert rows[0]["accuracy"] < rows[1]["accuracy"] < rows[2]["accuracy"] < found["two_views"]["accuracy"]
    for row in rows:
        assert row["accuracy_interval"][0] <= row["accuracy"] <= row["accuracy_interval"][1]
    assert rows[2]["accuracy"] == found["cross_validation"]["accuracy"]
    assert found["composites"] == {"log_odds": 1.0, "logit": 0.5}
    assert found["n_composites"] == 5


def test_the_weights_of_the_tags_are_not_counted(script):
    """The weights of the built-in network are those of the shared blocks, the tags and the moods."""
    found = script.count_weights(builtin.path("network.onnx"))
    graph = onnx.load(builtin.path("network.onnx")).graph
    branches = [attribute.g for node in graph.node for attribute in node.attribute if attribute.HasField("g")]
    sizes = [sum(int(np.prod(weight.dims)) for weight in part.initializer) for part in (graph, *branches)]
    assert sizes[0] < found < sum(sizes) - 1_281_000
