from __future__ import annotations

import importlib

import numpy as np
import pytest
from scipy.special import softmax

from imagemood import builtin
from imagemood.models import model_directory
from imagemood.models.network import Network


@pytest.fixture
def scripts_module():
    return importlib.import_module("build_mood_classifiers")


@pytest.fixture(scope="module")
def outputs():
    pictures = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)
    return Network(builtin.path("network.onnx")).run(image=pictures)


def test_the_mood_head_is_read_from_the_branch_of_the_network(scripts_module, outputs):
    weight, bias = scripts_module.mood_head(builtin.path("network.onnx"))
    np.testing.assert_allclose(outputs["embedding"] @ weight.T + bias, outputs["moods"], atol=1e-4)


def test_the_default_model_is_the_calibrated_mood_head(outputs):
    model = model_directory.load("default")
    factor = model.metadata.parameters["factor_of_logits"]
    expected = softmax(outputs["moods"] * factor, axis=1)
    np.testing.assert_allclose(model.predict(embedding=outputs["embedding"]), expected, atol=1e-4)


def test_the_factor_calibrates_logits_that_are_too_large(scripts_module):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20000, 8))
    truth = (softmax(logits, axis=1).cumsum(axis=1) > rng.random((20000, 1))).argmax(axis=1)
    assert scripts_module.best_factor(logits * 1.25, truth) == pytest.approx(0.8, abs=0.03)


def test_logits_of_several_trainings_are_averaged(scripts_module, tmp_path):
    for i, names in enumerate((["awe/a.jpg"], ["awe/a.jpg", "fear/b.jpg"])):
        np.savez(
            tmp_path / f"{i}.npz", names=np.array(names), logits=np.full((len(names), 8), i, dtype=np.float32)
        )
    found = scripts_module.read_predictions([tmp_path / "0.npz", tmp_path / "1.npz"])
    assert found["awe/a.jpg"].tolist() == [0.5] * 8
    assert found["fear/b.jpg"].tolist() == [1] * 8
