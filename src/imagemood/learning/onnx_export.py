"""Export a fitted scikit-learn classifier to ONNX."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier

from imagemood.learning.neighbours import convert_neighbours
from imagemood.learning.onnx_nodes import NodeWriter
from imagemood.learning.preparation import BlockScaler
from imagemood.learning.square_root import SquareRoot
from imagemood.learning.trees import convert_boosting, convert_forest

_OPSET = {"": 18, "ai.onnx.ml": 3}


def to_onnx(estimator: Any, widths: dict[str, int]) -> bytes:
    """Export a fitted classifier.

    Parameters
    ----------
    estimator : estimator
        A fitted scikit-learn classifier.
    widths : dict of str to int
        How many columns each of its inputs has, in the order of the columns.

    Returns
    -------
    bytes
        An ONNX file's content: the inputs by their names, each float32 (n_images, width); output
        ``probabilities`` float32 (n_images, n_moods).
    """
    only_input = next(iter(widths)) if len(widths) == 1 else "features"
    with warnings.catch_warnings():
        # skl2onnx looks at attributes of SVC that scikit-learn 1.9 deprecates.
        warnings.simplefilter("ignore", FutureWarning)
        network = convert_sklearn(
            estimator,
            "moods",
            [(only_input, FloatTensorType([None, sum(widths.values())]))],
            target_opset=_OPSET,
            options={"zipmap": False},
            custom_shape_calculators=_SHAPES,
            custom_conversion_functions=_CONVERTERS,
        )
    _drop_label(network)
    if len(widths) > 1:
        _join_inputs(network, widths)
    network.doc_string = ""
    onnx.checker.check_model(network)
    content: bytes = network.SerializeToString()
    return content


def _same_shape(operator: Any) -> None:
    kind = operator.inputs[0].type
    operator.outputs[0].type = type(kind)([None, kind.shape[1]])


def _square_root(scope: Any, operator: Any, container: Any) -> None:
    write, given = NodeWriter(scope, container), operator.inputs[0].full_name
    root = write("Sqrt", write("Abs", given))
    write("Mul", write("Sign", given), root, output=operator.outputs[0].full_name)


def _block_scaler(scope: Any, operator: Any, container: Any) -> None:
    write, scaler = NodeWriter(scope, container), operator.raw_operator
    centred = write("Sub", operator.inputs[0].full_name, write.constant(scaler.mean_.astype(np.float32)))
    scale = write.constant(scaler.scale_.astype(np.float32))
    write("Div", centred, scale, output=operator.outputs[0].full_name)


_TRANSFORMERS = {SquareRoot: _square_root, BlockScaler: _block_scaler}
_CLASSIFIERS = {
    RandomForestClassifier: convert_forest,
    ExtraTreesClassifier: convert_forest,
    HistGradientBoostingClassifier: convert_boosting,
    KNeighborsClassifier: convert_neighbours,
}
_CONVERTERS = {**_TRANSFORMERS, **_CLASSIFIERS}
_SHAPES = {
    **dict.fromkeys(_TRANSFORMERS, _same_shape),
    **dict.fromkeys(_CLASSIFIERS, calculate_linear_classifier_output_shapes),
}


def _drop_label(network: onnx.ModelProto) -> None:
    """Leave only the probabilities, and only the nodes they need."""
    kept = [output for output in network.graph.output if output.name == "probabilities"]
    del network.graph.output[:]
    network.graph.output.extend(kept)
    needed, nodes = {"probabilities"}, []
    for node in reversed(network.graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            nodes.append(node)
    del network.graph.node[:]
    network.graph.node.extend(reversed(nodes))


def _join_inputs(network: onnx.ModelProto, widths: dict[str, int]) -> None:
    """Give the network an input for each kind of feature, where it has one for all."""
    del network.graph.input[:]
    for name, width in widths.items():
        network.graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width]))
    network.graph.node.insert(0, helper.make_node("Concat", list(widths), ["features"], axis=1))
