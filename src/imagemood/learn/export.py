"""Export a fitted scikit-learn classifier to ONNX."""

from __future__ import annotations

import warnings
from typing import Any

import onnx
from onnx import TensorProto, helper
from skl2onnx import convert_sklearn
from skl2onnx.algebra.onnx_ops import OnnxSqrt
from skl2onnx.common.data_types import FloatTensorType

from imagemood.learn.square_root import SquareRoot

_OPSET = {"": 18, "ai.onnx.ml": 3}


def to_onnx(estimator: Any, *, n_tags: int, n_embedding: int = 0) -> bytes:
    """Export a fitted classifier.

    Parameters
    ----------
    estimator : estimator
        A fitted scikit-learn classifier of tag columns and, behind them, embedding columns.
    n_tags, n_embedding : int
        How many of each there are.

    Returns
    -------
    bytes
        An ONNX file's content: input ``tags`` float32 (n_images, n_tags) and, if there are any columns of it,
        ``embedding`` float32 (n_images, n_embedding); output ``probabilities`` float32 (n_images, n_moods).
    """
    with warnings.catch_warnings():
        # skl2onnx looks at attributes of SVC that scikit-learn 1.9 deprecates.
        warnings.simplefilter("ignore", FutureWarning)
        network = convert_sklearn(
            estimator,
            "moods",
            [("features" if n_embedding else "tags", FloatTensorType([None, n_tags + n_embedding]))],
            target_opset=_OPSET,
            options={"zipmap": False},
            custom_shape_calculators={SquareRoot: _square_root_shape},
            custom_conversion_functions={SquareRoot: _square_root},
        )
    _drop_label(network)
    if n_embedding:
        _join_inputs(network, n_tags, n_embedding)
    network.doc_string = ""
    onnx.checker.check_model(network)
    content: bytes = network.SerializeToString()
    return content


def _square_root_shape(operator: Any) -> None:
    kind = operator.inputs[0].type
    operator.outputs[0].type = type(kind)([None, kind.shape[1]])


def _square_root(scope: Any, operator: Any, container: Any) -> None:
    node = OnnxSqrt(operator.inputs[0], op_version=container.target_opset, output_names=operator.outputs[:1])
    node.add_to(scope, container)


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


def _join_inputs(network: onnx.ModelProto, n_tags: int, n_embedding: int) -> None:
    """Give the network two inputs where it has one."""
    del network.graph.input[:]
    for name, width in (("tags", n_tags), ("embedding", n_embedding)):
        network.graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width]))
    network.graph.node.insert(0, helper.make_node("Concat", ["tags", "embedding"], ["features"], axis=1))
