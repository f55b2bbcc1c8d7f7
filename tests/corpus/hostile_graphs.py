"""ONNX networks that are damaged, endless or too large, or that make ONNX Runtime crash."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper

from tests.corpus.hostile_networks import OPSETS, Frame, good, node

_HUGE = 2**62


def _loop(frame: Frame, *, outer: bool = False) -> list[NodeProto]:
    """Return a loop without end, or one in the branch of a condition, which computes `y` from `x`."""
    value, is_true = frame.value_info("v", shape=None), frame.value_info("c", TensorProto.BOOL, [])
    body = helper.make_graph(
        [node("Identity", ["c"], ["o"]), node("Mul", ["v", "v"], ["w"])],
        "body",
        [frame.value_info("i", TensorProto.INT64, []), is_true, value],
        [frame.value_info("o", TensorProto.BOOL, []), frame.value_info("w", shape=None)],
    )
    loop = node("Loop", ["huge", "true", "x"], ["y"], body=body)
    if not outer:
        return [loop, node("Softmax", ["y"], [frame.output])]
    branch = helper.make_graph([loop], "branch", [], [frame.value_info("y", shape=None)])
    condition = node("If", ["true"], ["z"], then_branch=branch, else_branch=branch)
    return [condition, node("Softmax", ["z"], [frame.output])]


def endless(frame: Frame) -> dict[str, bytes]:
    """Networks that take for ever to load or to run."""
    constants = {"huge": np.int64(_HUGE), "true": np.bool_(True)}
    functions = [helper.make_function("mine", "F0", ["a"], ["b"], [node("Abs", ["a"], ["b"])], OPSETS)]
    for i in range(1, 40):
        calls = [node(f"F{i - 1}", [a], [b], domain="mine") for a, b in (("a", "m"), ("m", "b"))]
        functions.append(helper.make_function("mine", f"F{i}", ["a"], ["b"], calls, OPSETS))
    square = [node("ConstantOfShape", ["s"], ["a"], value=helper.make_tensor("v", TensorProto.FLOAT, [1], [1.0]))]
    powers = [node("MatMul", ["a" if i == 0 else f"p{i - 1}", "a"], [f"p{i}"]) for i in range(20)]
    return {
        "loop": frame.build(_loop(frame), constants),
        "loop in a branch": frame.build(_loop(frame, outer=True), constants),
        "functions": frame.build([node("F39", ["x"], [frame.output], domain="mine")], functions=functions),
        "products": frame.build([*square, *powers, *frame.plus("p19")], {"s": np.array([9000, 9000])}),
    }


def large(frame: Frame) -> dict[str, bytes]:
    """Small networks that need a large amount of memory."""
    n = 2**31
    one, column, point = (np.ones(shape, np.float32) for shape in (1, (100_000, 1), (1, 1, 1, 1)))
    sizes = {"i": np.array([0]), "d": np.array([2 * n]), "v": np.array([0, 1], np.float32)}
    doubled = [node("Concat", [f"t{i}", f"t{i}"], [f"t{i + 1}"], axis=0) for i in range(34)]
    numbers = node("Range", ["p", "q", "r"], ["i"])
    ends = {"p": np.int64(0), "q": np.int64(n), "r": np.int64(1)}
    bombs: dict[str, tuple[list[NodeProto], dict[str, Any]]] = {
        "ConstantOfShape": ([node("ConstantOfShape", ["s"], ["b"])], {"s": np.array([n, 4])}),
        "Expand": ([node("Expand", ["o", "s"], ["b"])], {"o": one, "s": np.array([n, 2])}),
        "Tile": ([node("Tile", ["o", "s"], ["b"])], {"o": one, "s": np.array([2 * n])}),
        "Range": ([numbers, node("Cast", ["i"], ["b"], to=1)], ends),
        "Pad": ([node("Pad", ["o", "s"], ["b"])], {"o": one, "s": np.array([n, n])}),
        "Resize": ([node("Resize", ["o", "", "s"], ["b"])], {"o": one, "s": np.array([4e9], np.float32)}),
        "OneHot": ([node("OneHot", ["i", "d", "v"], ["b"])], sizes),
        "outer product": ([node("Mul", ["a", "c"], ["b"])], {"a": column, "c": column.T}),
        "Conv": ([node("Conv", ["o", "k"], ["b"], pads=[2**16] * 4)], {"o": point, "k": point}),
        "Concat": ([*doubled, node("Identity", ["t34"], ["b"])], {"t0": one}),
        "overflow": ([node("ConstantOfShape", ["s"], ["b"])], {"s": np.array([_HUGE, _HUGE])}),
    }
    return {name: frame.build([*nodes, *frame.plus("b")], constants) for name, (nodes, constants) in bombs.items()}


@cache
def _deep_tree(frame: Frame) -> bytes:
    depth = 200_000
    size = 2 * depth + 1
    ids = list(range(size))
    tree = {
        "nodes_treeids": [0] * size,
        "nodes_nodeids": ids,
        "nodes_featureids": [0] * size,
        "nodes_values": [0.5] * size,
        "nodes_modes": ["BRANCH_LEQ"] * depth + ["LEAF"] * (depth + 1),
        "nodes_truenodeids": ids[1 : depth + 1] + [0] * (depth + 1),
        "nodes_falsenodeids": ids[depth + 1 :] + [0] * (depth + 1),
        "nodes_missing_value_tracks_true": [0] * size,
        "class_treeids": [0] * (depth + 1),
        "class_nodeids": ids[depth:],
        "class_ids": [0] * (depth + 1),
        "class_weights": [1.0] * (depth + 1),
        "classlabels_int64s": list(range(frame.width)),
    }
    return frame.build([node("TreeEnsembleClassifier", ["x"], ["l", frame.output], domain="ai.onnx.ml", **tree)])


def invalid(frame: Frame, seed: int = 0) -> dict[str, bytes]:
    """Files that are not networks, and networks that ONNX Runtime rejects, or that make it crash."""
    content, rng, to = good(frame), random.Random(seed), frame.output  # noqa: S311
    recursive = helper.make_function("mine", "F", ["a"], ["b"], [node("F", ["a"], ["b"], domain="mine")], OPSETS)
    cycle = [node("Add", ["x", "b"], ["a"]), node("Add", ["a", "x"], ["b"]), node("Abs", ["a"], [to])]
    remainder = [node("Cast", ["x"], ["i"], to=6), node("Mod", ["i", "z"], ["m"]), node("Cast", ["m"], [to], to=1)]
    return {
        "empty": b"",
        "text": b"This is not a network.\n",
        "random": rng.randbytes(10_000),
        "truncated": content[: len(content) // 2],
        "one byte short": content[:-1],
        "empty graph": ModelProto(ir_version=9).SerializeToString(),
        "operator of another library": frame.build([node("Secret", ["x"], [to], domain="mine")]),
        "unknown operator": frame.build([node("Secret", ["x"], [to])]),
        "cycle": frame.build(cycle),
        "recursive function": frame.build([node("F", ["x"], [to], domain="mine")], functions=[recursive]),
        "division of integers by zero": frame.build(remainder, {"z": np.zeros(1, np.int32)}),
        "deep tree": _deep_tree(frame),
        "external data": external_data(frame, "/etc/passwd"),
        "external data above": external_data(frame, "../../../../../../etc/passwd"),
        "external data beside": external_data(frame, "metadata.json"),
        "tensor without values": _tensor_without_values(frame),
    }


def external_data(frame: Frame, path: str) -> bytes:
    nodes = [node("Add", ["x", "k"], [frame.output])]
    network = ModelProto.FromString(frame.build(nodes, {"k": np.ones(frame.width, np.float32)}))
    tensor = network.graph.initializer[-1]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=path)
    return network.SerializeToString()


def _tensor_without_values(frame: Frame) -> bytes:
    nodes = [node("Add", ["x", "k"], [frame.output])]
    network = ModelProto.FromString(frame.build(nodes, {"k": np.ones(frame.width, np.float32)}))
    network.graph.initializer[-1].ClearField("raw_data")
    return network.SerializeToString()


def mutated(frame: Frame, n: int, seed: int = 0) -> dict[str, bytes]:
    """Networks in which a few bytes were changed; some of them remain usable."""
    rng = random.Random(seed)  # noqa: S311
    cases = {}
    for i in range(n):
        content = bytearray(good(frame))
        for _ in range(rng.randint(1, 4)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        cases[f"mutation {i}"] = bytes(content)
    return cases
