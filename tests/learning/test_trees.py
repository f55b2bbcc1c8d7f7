from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skl2onnx import to_onnx as skl2onnx_convert
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier

from imagemood.learning.onnx_export import to_onnx
from imagemood.learning.trees import _round_down

ESTIMATORS = {
    "forest": RandomForestClassifier(10, random_state=0),
    "extra trees": ExtraTreesClassifier(10, min_samples_leaf=3, random_state=0),
    "boosting": HistGradientBoostingClassifier(max_iter=10, random_state=0),
    "single leaf": RandomForestClassifier(2, max_depth=1, min_samples_split=10_000, random_state=0),
}


@pytest.fixture(scope="module")
def features():
    return np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.parametrize("n_moods", [2, 3])
def test_onnx_predicts_the_probabilities_of_scikit_learn(features, name, n_moods, run_onnx):
    moods = np.array(["awe", "fear", "joy"])[np.digitize(features[:, 0], [-0.3, 0.8][: n_moods - 1])]
    estimator = ESTIMATORS[name].fit(features, moods)
    content = to_onnx(estimator, {"visual": 4})
    unseen = np.random.default_rng(1).normal(scale=3, size=(200, 4)).astype(np.float32)
    for data in (features, unseen):
        np.testing.assert_allclose(run_onnx(content, visual=data), estimator.predict_proba(data), atol=1e-6)


def test_values_at_the_thresholds(features, run_onnx):
    """A float64 threshold lies between two float32 numbers; each must stay on its side."""
    estimator = ESTIMATORS["forest"].fit(features, np.where(features[:, 0] > 0, "a", "b"))
    tree = estimator.estimators_[0].tree_
    thresholds = tree.threshold[tree.children_left >= 0].astype(np.float32)
    rows = np.zeros((3 * len(thresholds), 4), dtype=np.float32)
    for shift, step in enumerate((-np.inf, 0, np.inf)):
        values = thresholds if step == 0 else np.nextafter(thresholds, np.float32(step))
        rows[shift::3] = values[:, np.newaxis]
    predicted = run_onnx(to_onnx(estimator, {"visual": 4}), visual=rows)
    np.testing.assert_allclose(predicted, estimator.predict_proba(rows), atol=1e-6)


@given(st.floats(-(2.0**100), 2.0**100), st.floats(-(2.0**100), 2.0**100, width=32))
def test_rounded_thresholds_compare_as_the_exact_ones(threshold, feature):
    (rounded,) = _round_down(np.array([threshold]))
    assert (np.float32(feature) <= rounded) == (feature <= threshold)


def test_files_are_less_than_half_as_large_as_those_of_skl2onnx(features):
    moods = np.random.default_rng(2).choice(list("abcdefgh"), 300)
    estimator = RandomForestClassifier(30, random_state=0).fit(features, moods)
    ours = to_onnx(estimator, {"visual": 4})
    theirs = skl2onnx_convert(estimator, features[:1], options={"zipmap": False}).SerializeToString()
    assert len(ours) < len(theirs) / 2


def test_leaves_store_no_zeros(features):
    estimator = ESTIMATORS["forest"].fit(features, np.where(features[:, 0] > 0, "a", "b"))
    network = onnx.load_from_string(to_onnx(estimator, {"visual": 4}))
    (ensemble,) = (node for node in network.graph.node if node.op_type == "TreeEnsembleRegressor")
    weights = next(attribute.floats for attribute in ensemble.attribute if attribute.name == "target_weights")
    assert min(weights) > 0
    assert sum(weights) <= sum(tree.get_n_leaves() for tree in estimator.estimators_)
