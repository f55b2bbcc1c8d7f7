from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax as reference

from imagemood.finetuning.calibration import best_factor, mood_head, softmax
from imagemood.models.network import Network


def test_the_factor_calibrates_logits_that_are_too_large():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20000, 8))
    truth = (softmax(logits).cumsum(axis=1) > rng.random((20000, 1))).argmax(axis=1)
    assert best_factor(logits * 1.25, truth) == pytest.approx(0.8, abs=0.03)


def test_the_factor_has_limits():
    logits = np.array([[1.0, 0.0]])
    assert best_factor(logits, np.array([0])) == 2
    assert best_factor(logits, np.array([1])) == 0.5


def test_the_mood_head_computes_the_softmax_of_scaled_logits():
    rng = np.random.default_rng(0)
    weight, bias, embedding = (rng.normal(size=shape).astype(np.float32) for shape in ((3, 5), (3,), (7, 5)))
    found = Network(mood_head(weight, bias, 1.5)).run(embedding=embedding)["probabilities"]
    np.testing.assert_allclose(found, reference(1.5 * (embedding @ weight.T + bias), axis=1), atol=1e-5)
