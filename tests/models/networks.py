"""Small ONNX networks whose outputs are known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LABELS = ["red", "green", "blue"]
SIZE_PX = 8


def build(nodes: Sequence[onnx.NodeProto], inputs: dict, outputs: dict, constants: dict | None = None) -> bytes:
    """Return a network of float32 inputs and outputs of the given shapes, or of the given (type, shape)."""

    def described(tensors: dict) -> list[onnx.ValueInfoProto]:
        typed = {name: t if isinstance(t, tuple) else (TensorProto.FLOAT, t) for name, t in tensors.items()}
        return [helper.make_tensor_value_info(name, *t) for name, t in typed.items()]

    arrays = [numpy_helper.from_array(np.asarray(array), name) for name, array in (constants or {}).items()]
    graph = helper.make_graph(nodes, "test", described(inputs), described(outputs), arrays)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def doubling() -> bytes:
    """Return a network that doubles its input."""
    return build([helper.make_node("Add", ["x", "x"], ["twice"])], {"x": ["n", 3]}, {"twice": ["n", 3]})


def mean_colour(*, channels_first: bool = True, softmax: bool = False, batch: int | str = "n") -> bytes:
    """Return a classifier whose three logits are the mean of each colour channel."""
    shape = [batch, 3, SIZE_PX, SIZE_PX] if channels_first else [batch, SIZE_PX, SIZE_PX, 3]
    nodes = [helper.make_node("ReduceMean", ["picture", "axes"], ["means"], keepdims=0)]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["means"], ["scores"], axis=1))
    axes = np.array([2, 3] if channels_first else [1, 2])
    return build(nodes, {"picture": shape}, {nodes[-1].output[0]: [batch, 3]}, {"axes": axes})


def write_tagger(folder: Path, network: bytes, **fields: object) -> Path:
    """Write a network of `mean_colour` and its card; return the path of the network."""
    (folder / "mine.onnx").write_bytes(network)
    card = {"size_px": SIZE_PX, "mean": [127, 127, 127], "std": 128, "labels": LABELS, **fields}
    (folder / "mine.json").write_text(json.dumps(card))
    return folder / "mine.onnx"


def filled(value: int, n_pictures: int = 1) -> np.ndarray:
    """Return pictures of one grey value."""
    return np.full((n_pictures, SIZE_PX, SIZE_PX, 3), value, dtype=np.uint8)
