"""Converters of scikit-learn's tree ensembles to ONNX."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.learning.onnx_nodes import NodeWriter


@dataclass(frozen=True, eq=False)
class _Tree:
    """A tree as arrays over its nodes; leaf ``leaf[i]`` adds ``weight[i]`` to output ``output[i]``."""

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    feature: NDArray[np.intp]
    threshold: NDArray[np.float64]
    is_leaf: NDArray[np.bool_]
    leaf: NDArray[np.intp]
    output: NDArray[np.intp]
    weight: NDArray[np.float64]


def convert_forest(scope: Any, operator: Any, container: Any) -> None:
    """Convert a `RandomForestClassifier` or an `ExtraTreesClassifier`, for skl2onnx.

    Leaves store only classes with a probability above 0, so that the file has less than half the size of the one
    that the converter of skl2onnx writes.
    """
    estimator = operator.raw_operator
    n_trees = len(estimator.estimators_)
    trees = (_from_forest(member.tree_, n_trees) for member in estimator.estimators_)
    write = NodeWriter(scope, container)
    votes = _write_ensemble(write, operator, trees, np.zeros(len(estimator.classes_)))
    write("Identity", votes, output=operator.outputs[1].full_name)
    write.label(operator)


def convert_boosting(scope: Any, operator: Any, container: Any) -> None:
    """Convert a `HistGradientBoostingClassifier`, for skl2onnx."""
    estimator = operator.raw_operator
    # scikit-learn has no public attributes for the trees.
    rounds, baseline = estimator._predictors, np.ravel(estimator._baseline_prediction)
    trees = (_from_boosting(tree.nodes, output) for members in rounds for output, tree in enumerate(members))
    write = NodeWriter(scope, container)
    raw = _write_ensemble(write, operator, trees, baseline)
    probabilities = operator.outputs[1].full_name
    if len(baseline) > 1:
        write("Softmax", raw, axis=1, output=probabilities)
    else:
        second = write("Sigmoid", raw)
        first = write("Sub", write.constant(np.float32(1)), second)
        write("Concat", first, second, axis=1, output=probabilities)
    write.label(operator)


def _from_forest(tree: Any, n_trees: int) -> _Tree:
    is_leaf = tree.children_left < 0
    probabilities = tree.value[:, 0, :] * is_leaf[:, np.newaxis]
    probabilities /= np.maximum(probabilities.sum(axis=1, keepdims=True), 1e-300) * n_trees
    leaf, output = np.nonzero(probabilities)
    return _Tree(
        tree.children_left,
        tree.children_right,
        tree.feature,
        tree.threshold,
        is_leaf,
        leaf,
        output,
        probabilities[leaf, output],
    )


def _from_boosting(nodes: NDArray[Any], output: int) -> _Tree:
    is_leaf = nodes["is_leaf"].astype(bool)
    leaf = np.flatnonzero(is_leaf)
    return _Tree(
        nodes["left"],
        nodes["right"],
        nodes["feature_idx"],
        nodes["num_threshold"],
        is_leaf,
        leaf,
        np.full(len(leaf), output),
        nodes["value"][leaf],
    )


def _write_ensemble(
    write: NodeWriter, operator: Any, trees: Iterable[_Tree], baseline: NDArray[np.float64]
) -> str:
    """Add the sum of the trees, and return the name of its output."""
    parts: dict[str, list[Any]] = {}
    for number, tree in enumerate(trees):
        for name, values in _columns(number, tree).items():
            parts.setdefault(name, []).append(values)
    modes = np.concatenate(parts.pop("nodes_modes"))
    attributes = {name: np.concatenate(arrays).tolist() for name, arrays in parts.items()}
    attributes["nodes_modes"] = np.where(modes, "LEAF", "BRANCH_LEQ").tolist()
    return write(
        "TreeEnsembleRegressor",
        operator.inputs[0].full_name,
        domain="ai.onnx.ml",
        attributes=attributes,
        n_targets=len(baseline),
        base_values=baseline.astype(float).tolist(),
        post_transform="NONE",
        aggregate_function="SUM",
    )


def _columns(number: int, tree: _Tree) -> dict[str, NDArray[Any]]:
    n_nodes, n_targets = len(tree.left), len(tree.leaf)
    return {
        "nodes_treeids": np.full(n_nodes, number),
        "nodes_nodeids": np.arange(n_nodes),
        "nodes_featureids": np.where(tree.is_leaf, 0, tree.feature).astype(np.int64),
        "nodes_values": np.where(tree.is_leaf, 0, _round_down(tree.threshold)),
        "nodes_modes": tree.is_leaf,
        "nodes_truenodeids": np.where(tree.is_leaf, 0, tree.left).astype(np.int64),
        "nodes_falsenodeids": np.where(tree.is_leaf, 0, tree.right).astype(np.int64),
        "target_treeids": np.full(n_targets, number),
        "target_nodeids": tree.leaf,
        "target_ids": tree.output,
        "target_weights": tree.weight.astype(np.float32),
    }


def _round_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Round to the largest float32 that is not greater: for float32 features, comparisons give the same result."""
    rounded = thresholds.astype(np.float32)
    above = rounded.astype(np.float64) > thresholds
    return np.where(above, np.nextafter(rounded, np.float32(-np.inf)), rounded)
