"""Make outputs of an ONNX network optional: an input says whether they are computed.

The part of the network that only these outputs need becomes the branch of an `If` node. ONNX Runtime runs the
other parts only. If an output is not computed, it has no rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import onnx
from onnx import TensorProto, helper
from onnx.utils import Extractor


def make_optional(network: onnx.ModelProto, switches: dict[str, list[str]]) -> onnx.ModelProto:
    """Return the network with an optional Boolean input for each key, which switches the outputs in the value.

    It is true by default. The parts for different inputs may share only what leads to one common tensor.
    """
    network = onnx.shape_inference.infer_shapes(network)
    shared = _last_shared_tensor(network.graph, [outputs[0] for outputs in switches.values()])
    extractor = Extractor(network)
    trunk = extractor.extract_model([node.name for node in network.graph.input], [shared]).graph
    nodes = list(trunk.node)
    for name, outputs in switches.items():
        part = extractor.extract_model([shared], outputs).graph
        branches: dict[str, Any] = {
            "then_branch": _renamed(part, f"{name}_"),
            "else_branch": _without_rows(part, f"no_{name}_"),
        }
        nodes.append(helper.make_node("If", [name], outputs, name=name, **branches))
    inputs = [helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in switches]
    graph = helper.make_graph(
        nodes,
        network.graph.name,
        [*network.graph.input, *inputs],
        [_with_free_rows(output) for output in network.graph.output],
        [*trunk.initializer, *(helper.make_tensor(name, TensorProto.BOOL, [], [True]) for name in switches)],
    )
    return helper.make_model(graph, opset_imports=network.opset_import, ir_version=network.ir_version)


def _last_shared_tensor(graph: onnx.GraphProto, outputs: Iterable[str]) -> str:
    """Return the last tensor that all outputs depend on and that depends on the input."""
    shared = set.intersection(*(_dependencies(graph, output) for output in outputs))
    variable = {node.name for node in graph.input}
    last = ""
    for node in graph.node:
        if variable.intersection(node.input):
            variable.update(node.output)
            if node.output[0] in shared:
                last = node.output[0]
    return last


def _dependencies(graph: onnx.GraphProto, tensor: str) -> set[str]:
    producers = {output: node for node in graph.node for output in node.output}
    found, remaining = set(), [tensor]
    while remaining:
        name = remaining.pop()
        if name not in found:
            found.add(name)
            remaining.extend(producers[name].input if name in producers else ())
    return found


def _renamed(graph: onnx.GraphProto, prefix: str) -> onnx.GraphProto:
    """Return a branch with unique names; it takes the input of the graph from outside."""
    branch = onnx.GraphProto()
    branch.CopyFrom(graph)
    branch.name = prefix
    del branch.input[:], branch.value_info[:]
    own = {weight.name for weight in branch.initializer}.union(*(node.output for node in branch.node))
    named: Any
    for named in (*branch.initializer, *branch.output):
        named.name = prefix + named.name
    for node in branch.node:
        node.name = prefix + node.output[0]
        for names in (node.input, node.output):
            names[:] = [prefix + name if name in own else name for name in names]
    return branch


def _without_rows(graph: onnx.GraphProto, prefix: str) -> onnx.GraphProto:
    """Return a branch with the same outputs of length 0."""
    nodes, outputs = [], []
    for output in graph.output:
        shape = [0, *(dimension.dim_value for dimension in output.type.tensor_type.shape.dim[1:])]
        name = prefix + output.name
        nodes.append(
            helper.make_node("Constant", [], [name], value=helper.make_tensor(name, TensorProto.FLOAT, shape, []))
        )
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    return helper.make_graph(nodes, prefix, [], outputs)


def _with_free_rows(output: onnx.ValueInfoProto) -> onnx.ValueInfoProto:
    shape: list[str | int | None] = [
        "n_computed",
        *(dimension.dim_value for dimension in output.type.tensor_type.shape.dim[1:]),
    ]
    return helper.make_tensor_value_info(output.name, TensorProto.FLOAT, shape)
