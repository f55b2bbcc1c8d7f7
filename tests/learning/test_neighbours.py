from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.neighbors import KNeighborsClassifier

from imagemood.learning.neighbours import dudani_weights
from imagemood.learning.onnx_export import to_onnx

sorted_distances = arrays(np.float64, (3, 5), elements=st.floats(0, 1e3)).map(lambda d: np.sort(d, axis=1))


@given(sorted_distances)
def test_weights_fall_from_1_to_0(distances):
    weights = dudani_weights(distances)
    assert ((weights >= 0) & (weights <= 1)).all()
    assert (np.diff(weights, axis=1) <= 0).all()
    np.testing.assert_array_equal(weights[:, 0], 1)
    equal = distances[:, 0] == distances[:, -1]
    np.testing.assert_array_equal(weights[~equal, -1], 0)
    np.testing.assert_array_equal(weights[equal], 1)


@given(sorted_distances, st.floats(0.1, 10))
def test_weights_do_not_depend_on_the_scale(distances, scale):
    distances = np.round(distances, 3)
    np.testing.assert_allclose(dudani_weights(distances * scale), dudani_weights(distances), atol=1e-6)


def test_the_example_of_the_formula():
    # (d_k - d_j) / (d_k - d_1) with d = 1, 2, 4, 5
    np.testing.assert_allclose(dudani_weights(np.array([[1.0, 2.0, 4.0, 5.0]])), [[1, 0.75, 0.25, 0]])


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(150, 4)).astype(np.float32)
    return features, np.where(features[:, 0] + rng.normal(size=150) > 0, "joy", "fear")


def fit(points, n_neighbors):
    return KNeighborsClassifier(n_neighbors, weights=dudani_weights, algorithm="brute").fit(*points)


@pytest.mark.parametrize("n_neighbors", [2, 15, 150])
def test_onnx_predicts_the_probabilities_of_scikit_learn(points, n_neighbors, run_onnx):
    estimator = fit(points, n_neighbors)
    content = to_onnx(estimator, {"visual": 4})
    unseen = np.random.default_rng(1).normal(size=(40, 4)).astype(np.float32)
    for features in (points[0], unseen):
        np.testing.assert_allclose(
            run_onnx(content, visual=features), estimator.predict_proba(features), atol=1e-5
        )


def test_probabilities_by_definition(points):
    estimator = fit(points, 5)
    query = np.zeros((1, 4), dtype=np.float32)
    distances = np.linalg.norm(points[0].astype(np.float64), axis=1)
    nearest = np.argsort(distances)[:5]
    weights = (distances[nearest[-1]] - distances[nearest]) / (distances[nearest[-1]] - distances[nearest[0]])
    joy = weights[points[1][nearest] == "joy"].sum() / weights.sum()
    assert estimator.predict_proba(query)[0, 1] == pytest.approx(joy, abs=1e-6)


def test_predictions_are_continuous(points):
    """Where another neighbour becomes the fifth nearest, its weight is 0."""
    estimator = fit(points, 5)
    line = np.linspace(-1, 1, 4001)[:, np.newaxis] * np.ones((1, 4))
    steps = np.abs(np.diff(estimator.predict_proba(line)[:, 1]))
    uniform = KNeighborsClassifier(5, algorithm="brute").fit(*points)
    assert steps.max() < 0.1
    assert np.abs(np.diff(uniform.predict_proba(line)[:, 1])).max() > 0.15


def test_equal_distances(run_onnx):
    """All training points at the same place have the same weight."""
    features = np.r_[np.zeros((6, 2)), np.ones((6, 2))].astype(np.float32)
    moods = ["joy"] * 4 + ["fear"] * 2 + ["joy"] * 6
    estimator = KNeighborsClassifier(6, weights=dudani_weights, algorithm="brute").fit(features, moods)
    predicted = run_onnx(to_onnx(estimator, {"visual": 2}), visual=features[:1])
    np.testing.assert_allclose(predicted, [[2 / 6, 4 / 6]], atol=1e-6)
