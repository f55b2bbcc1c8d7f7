"""ONNX networks with unsuitable inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

node = helper.make_node
INT64 = TensorProto.INT64
OPSETS = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("mine", 1)]


@dataclass(eq=False)
class Frame:
    """The input and the output that a network must have, and nodes that compute `x` (n, width) from the input."""

    input: str
    shape: list[Any]
    output: str
    width: int
    nodes: list[NodeProto]
    constants: dict[str, Any] = field(default_factory=dict)

    def build(self, nodes: list[NodeProto], constants: dict[str, Any] | None = None, **options: Any) -> bytes:
        """Return a network with the given nodes, which compute the output from `x`."""
        inputs = options.pop("inputs", [self.value_info(self.input, shape=self.shape)])
        outputs = options.pop("outputs", [self.value_info()])
        arrays = {**self.constants, **(constants or {})}
        tensors = [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()]
        graph = helper.make_graph([*self.nodes, *nodes], "hostile", inputs, outputs, tensors)
        return self.finish(graph, **options).SerializeToString()

    def value_info(self, name: str | None = None, kind: int = TensorProto.FLOAT, shape: Any = "default") -> Any:
        shape = ["n", self.width] if shape == "default" else shape
        return helper.make_tensor_value_info(name or self.output, kind, shape)

    @staticmethod
    def finish(graph: Any, functions: Any = ()) -> ModelProto:
        return helper.make_model(graph, opset_imports=OPSETS, ir_version=9, functions=list(functions))

    def plus(self, name: str) -> list[NodeProto]:
        """Return the nodes that add the sum of a tensor to `x`."""
        return [node("ReduceSum", [name], ["sum"], keepdims=0), node("Add", ["x", "sum"], [self.output])]


MOODS = Frame("tags", ["n", 2], "probabilities", 2, [node("Identity", ["tags"], ["x"])])
"""The frame of a mood classifier that takes two tags."""
SCORES = Frame(
    "picture",
    ["n", 3, 8, 8],
    "scores",
    3,
    [node("ReduceMean", ["picture", "axes"], ["x"], keepdims=0)],
    {"axes": np.array([2, 3])},
)
"""The frame of a tagger with three tags."""


def good(frame: Frame) -> bytes:
    return frame.build([node("Softmax", ["x"], [frame.output])])


def wrong_values(frame: Frame) -> dict[str, bytes]:
    """Networks with the right shapes and wrong values."""
    rows = {"nan": np.nan, "infinite": np.inf, "minus infinite": -np.inf, "zero": 0, "negative": -0.5}
    return {
        name: frame.build(
            [node("Mul", ["x", "zero"], ["z"]), node("Add", ["z", "row"], [frame.output])], constants
        )
        for name, value in rows.items()
        if (constants := {"zero": np.float32(0), "row": np.full(frame.width, value, np.float32)})
    }


def wrong_shapes(frame: Frame) -> dict[str, bytes]:
    """Networks whose output has an unsuitable shape or type, or whose inputs are unsuitable."""
    return {**_output_shapes(frame), **_output_types(frame), **_inputs(frame)}


def _output_shapes(frame: Frame) -> dict[str, bytes]:
    to, width = frame.output, frame.width

    def case(*nodes: NodeProto, shape: Any = None, **constants: list[int]) -> bytes:
        return frame.build(list(nodes), constants, outputs=[frame.value_info(shape=shape)])

    return {
        "scalar": case(node("ReduceSum", ["x"], [to], keepdims=0)),
        "vector": case(node("Reshape", ["x", "s"], [to]), s=[-1]),
        "rank 5": case(node("Reshape", ["x", "s"], [to]), s=[1, 1, 1, 1, -1]),
        "no columns": case(node("Slice", ["x", "a", "a", "b"], [to]), a=[0], b=[1]),
        "no rows": case(node("Slice", ["x", "a", "a", "a"], [to]), a=[0]),
        "too wide": case(node("Concat", ["x", "x"], [to], axis=1), shape=["n", "m"]),
        "too many rows": case(node("Concat", ["x", "x"], [to], axis=0), shape=["m", width]),
        "declared width": case(node("Concat", ["x", "x"], [to], axis=1), shape=["n", 2 * width]),
        "no such output": frame.build([node("Identity", ["x"], ["o"])], outputs=[frame.value_info("o", INT64)]),
    }


def _output_types(frame: Frame) -> dict[str, bytes]:
    to, tensor = frame.output, helper.make_tensor_type_proto(TensorProto.FLOAT, None)
    optional, map_type = helper.make_optional_type_proto(tensor), helper.make_map_type_proto(INT64, tensor)
    names = list(range(frame.width))
    others = {
        "sequence": (node("SequenceConstruct", ["x"], [to]), helper.make_sequence_type_proto(tensor)),
        "optional": (node("Optional", [], [to], type=tensor), optional),
        "map": (
            node("ZipMap", ["x"], [to], domain="ai.onnx.ml", classlabels_int64s=names),
            helper.make_sequence_type_proto(map_type),
        ),
    }
    cases = {
        name: frame.build([one], outputs=[helper.make_value_info(to, kind)])
        for name, (one, kind) in others.items()
    }
    for name in ("STRING", "INT64", "BOOL", "UINT8", "BFLOAT16", "FLOAT8E4M3FN", "INT4"):
        kind = getattr(TensorProto, name)
        cast = node("Cast", ["x"], [to], to=kind)
        cases[f"type {name}"] = frame.build([cast], outputs=[frame.value_info(kind=kind)])
    return cases


def _inputs(frame: Frame) -> dict[str, bytes]:
    to, first, shape = frame.output, frame.input, frame.shape
    cast = [node("Cast", ["x"], [to], to=TensorProto.FLOAT)]

    def case(kind: int, shape: Any) -> bytes:
        return frame.build(cast, inputs=[frame.value_info(first, kind, shape)])

    constants = {"y": np.ones((1, frame.width), np.float32), first: np.ones([1, *shape[1:]], np.float32)}
    both = [frame.value_info(first, shape=shape), frame.value_info("more")]
    return {
        "two inputs": frame.build([node("Add", ["x", "more"], [to])], inputs=both),
        "no input": frame.build([node("Identity", ["y"], [to])], constants, inputs=[]),
        "input of integers": case(INT64, shape),
        "input of text": case(TensorProto.STRING, shape),
        "scalar input": case(TensorProto.FLOAT, []),
        "input of rank 7": case(TensorProto.FLOAT, [1] * 7),
    }
