"""Gradient-boosted trees of scikit-learn's histogram kind in ONNX."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.learn.nodes import NodeWriter


def convert_boosting(scope: Any, operator: Any, container: Any) -> None:
    """Write a `HistGradientBoostingClassifier` as ONNX nodes, for skl2onnx.

    Parameters
    ----------
    scope, operator, container
        What skl2onnx gives a converter.
    """
    estimator = operator.raw_operator
    # scikit-learn keeps its trees nowhere else than in these.
    rounds, baseline = estimator._predictors, estimator._baseline_prediction
    n_outputs = len(rounds[0])
    attributes = _empty()
    for number, (output, tree) in enumerate(pair for trees in rounds for pair in enumerate(trees)):
        _add_tree(attributes, number, output, tree.nodes)
    write = NodeWriter(scope, container)
    raw = write(
        "TreeEnsembleRegressor",
        operator.inputs[0].full_name,
        domain="ai.onnx.ml",
        n_targets=n_outputs,
        base_values=np.ravel(baseline).astype(float).tolist(),
        post_transform="NONE",
        aggregate_function="SUM",
        attributes=attributes,
    )
    probabilities = operator.outputs[1].full_name
    if n_outputs > 1:
        write("Softmax", raw, axis=1, output=probabilities)
    else:
        second = write("Sigmoid", raw)
        first = write("Sub", write.constant(np.float32(1)), second)
        write("Concat", first, second, axis=1, output=probabilities)
    write.label(operator)


def _empty() -> dict[str, list[Any]]:
    of_nodes = ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
    of_targets = ("treeids", "nodeids", "ids", "weights")
    names = [f"nodes_{name}" for name in of_nodes] + [f"target_{name}" for name in of_targets]
    return {name: [] for name in (*names, "nodes_missing_value_tracks_true")}


def _add_tree(attributes: dict[str, list[Any]], number: int, output: int, nodes: NDArray[Any]) -> None:
    n_nodes = len(nodes)
    is_leaf = nodes["is_leaf"].astype(bool)
    leaves = np.flatnonzero(is_leaf)
    columns: dict[str, Any] = {
        "nodes_treeids": [number] * n_nodes,
        "nodes_nodeids": range(n_nodes),
        "nodes_featureids": np.where(is_leaf, 0, nodes["feature_idx"]).tolist(),
        "nodes_values": np.where(is_leaf, 0, _rounded_down(nodes["num_threshold"])).tolist(),
        "nodes_modes": ["LEAF" if leaf else "BRANCH_LEQ" for leaf in is_leaf],
        "nodes_truenodeids": np.where(is_leaf, 0, nodes["left"]).tolist(),
        "nodes_falsenodeids": np.where(is_leaf, 0, nodes["right"]).tolist(),
        "nodes_missing_value_tracks_true": nodes["missing_go_to_left"].astype(int).tolist(),
        "target_treeids": [number] * len(leaves),
        "target_nodeids": leaves.tolist(),
        "target_ids": [output] * len(leaves),
        "target_weights": nodes["value"][leaves].tolist(),
    }
    for name, values in columns.items():
        attributes[name].extend(values)


def _rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round to the largest float32 that is not above: to a float32 feature it says the same as the float64."""
    rounded = thresholds.astype(np.float32)
    above = rounded.astype(np.float64) > thresholds
    return np.where(above, np.nextafter(rounded, np.float32(-np.inf)), rounded)
