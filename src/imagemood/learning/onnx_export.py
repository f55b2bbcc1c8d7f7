"""Exports fitted scikit-learn classifiers to ONNX."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import Any

import numpy as np

from imagemood import _extras
from imagemood.learning.algorithms import ALGORITHMS
from imagemood.learning.onnx_nodes import NodeWriter
from imagemood.learning.preprocessing import BlockScaler
from imagemood.learning.square_root import SquareRoot

with _extras.needs("train"):
    import onnx
    from onnx import TensorProto, helper
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes

_OPSET = {"": 18, "ai.onnx.ml": 3}
_OUTPUT = "probabilities"
_JOINED_INPUT = "features"


def to_onnx(estimator: Any, widths: Mapping[str, int]) -> bytes:
    """Return the content of an ONNX file that predicts as a fitted scikit-learn classifier does.

    The network has one float32 input of shape (n_images, width) for each of ``widths``, which are in the order of
    the estimator's columns, and one float32 output ``probabilities`` of shape (n_images, n_moods).
    """
    only_input = next(iter(widths)) if len(widths) == 1 else _JOINED_INPUT
    transformers, classifiers = _transformer_converters(), _classifier_converters()
    with warnings.catch_warnings():
        # skl2onnx reads attributes of SVC that scikit-learn 1.9 deprecates.
        warnings.simplefilter("ignore", FutureWarning)
        # With an option such as {"zipmap": False}, skl2onnx would compute all attributes of each tree of a forest,
        # which takes longer than the training.
        network = convert_sklearn(
            estimator,
            "moods",
            [(only_input, FloatTensorType([None, sum(widths.values())]))],
            target_opset=_OPSET,
            custom_shape_calculators={
                **dict.fromkeys(transformers, _same_shape),
                **dict.fromkeys(classifiers, calculate_linear_classifier_output_shapes),
            },
            custom_conversion_functions={**transformers, **classifiers},
        )
    _return_a_tensor(network, n_moods=len(estimator.classes_))
    _keep_only_probabilities(network)
    if len(widths) > 1:
        _split_input(network, widths)
    network.doc_string = ""
    onnx.checker.check_model(network)
    content: bytes = network.SerializeToString()
    return content


Converter = Callable[[Any, Any, Any], None]
"""A conversion function of skl2onnx: it adds an operator's nodes to a container."""


def _transformer_converters() -> dict[type, Converter]:
    return {SquareRoot: _convert_square_root, BlockScaler: _convert_block_scaler}


def _classifier_converters() -> dict[type, Converter]:
    """Return the converters that the list of algorithms names, by the class of the estimator."""
    names = {
        estimator: converter
        for algorithm in ALGORITHMS.values()
        for estimator, converter in algorithm.onnx_converters.items()
    }
    return {resolve_name(estimator): resolve_name(converter) for estimator, converter in names.items()}


def _same_shape(operator: Any) -> None:
    kind = operator.inputs[0].type
    operator.outputs[0].type = type(kind)([None, kind.shape[1]])


def _convert_square_root(scope: Any, operator: Any, container: Any) -> None:
    write, features = NodeWriter(scope, container), operator.inputs[0].full_name
    root = write("Sqrt", write("Abs", features))
    write("Mul", write("Sign", features), root, output=operator.outputs[0].full_name)


def _convert_block_scaler(scope: Any, operator: Any, container: Any) -> None:
    write, scaler = NodeWriter(scope, container), operator.raw_operator
    centred = write("Sub", operator.inputs[0].full_name, write.constant(scaler.mean_.astype(np.float32)))
    scale = write.constant(scaler.scale_.astype(np.float32))
    write("Div", centred, scale, output=operator.outputs[0].full_name)


def _return_a_tensor(network: onnx.ModelProto, n_moods: int) -> None:
    """Replace the outputs of a network by the tensor from which its ZipMap node makes dictionaries."""
    (zip_map,) = (node for node in network.graph.node if node.op_type == "ZipMap")
    (tensor,) = zip_map.input
    network.graph.node.remove(zip_map)
    for node in network.graph.node:
        for names in (node.input, node.output):
            names[:] = [_OUTPUT if name == tensor else name for name in names]
    del network.graph.output[:]
    network.graph.output.append(helper.make_tensor_value_info(_OUTPUT, TensorProto.FLOAT, [None, n_moods]))


def _keep_only_probabilities(network: onnx.ModelProto) -> None:
    """Remove the nodes that only the output of labels needed."""
    needed, nodes = {_OUTPUT}, []
    for node in reversed(network.graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            nodes.append(node)
    del network.graph.node[:]
    network.graph.node.extend(reversed(nodes))


def _split_input(network: onnx.ModelProto, widths: Mapping[str, int]) -> None:
    """Replace the single input of a network by one for each kind of feature."""
    del network.graph.input[:]
    for name, width in widths.items():
        network.graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width]))
    network.graph.node.insert(0, helper.make_node("Concat", list(widths), [_JOINED_INPUT], axis=1))
