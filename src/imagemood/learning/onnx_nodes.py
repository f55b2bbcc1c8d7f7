"""Adds ONNX nodes to a network, in converters for skl2onnx."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from imagemood import _extras

with _extras.needs("train"):
    from onnx import TensorProto, numpy_helper


class NodeWriter:
    """Adds nodes whose outputs get unique names.

    ``scope`` and ``container`` are the arguments that skl2onnx passes to a converter.
    """

    def __init__(self, scope: Any, container: Any) -> None:
        self._scope, self._container = scope, container

    def __call__(
        self,
        kind: str,
        *inputs: str,
        output: str | None = None,
        domain: str = "",
        attributes: dict[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Add a node with one output, and return the name of the output.

        Attributes that are arrays or whose names are not identifiers go to ``attributes``; others are keywords.
        """
        name = output or self._scope.get_unique_variable_name(kind.lower())
        self._add(kind, inputs, [name], domain, {**(attributes or {}), **more})
        return name

    def pair(self, kind: str, *inputs: str, **attributes: Any) -> tuple[str, str]:
        """Add a node with two outputs, and return the names of the outputs."""
        first, second = (self._scope.get_unique_variable_name(kind.lower()) for _ in range(2))
        self._add(kind, inputs, [first, second], "", attributes)
        return first, second

    def _add(
        self, kind: str, inputs: tuple[str, ...], outputs: list[str], domain: str, attributes: dict[str, Any]
    ) -> None:
        version = self._container.target_opset_any_domain(domain)
        name = self._scope.get_unique_operator_name(kind)
        self._container.add_node(
            kind, list(inputs), outputs, name=name, op_domain=domain, op_version=version, **attributes
        )

    def constant(self, value: ArrayLike) -> str:
        """Add a constant, and return its name."""
        name: str = self._scope.get_unique_variable_name("constant")
        tensor = numpy_helper.from_array(np.asarray(value), name)
        self._container.add_initializer(name, tensor.data_type, tensor.dims, tensor)
        return name

    def label(self, operator: Any) -> None:
        """Add the most probable label, which skl2onnx expects from every classifier besides the probabilities."""
        classes = [str(label).encode() for label in operator.raw_operator.classes_]
        labels: str = self._scope.get_unique_variable_name("labels")
        self._container.add_initializer(labels, TensorProto.STRING, [len(classes)], classes)
        best = self("ArgMax", operator.outputs[1].full_name, axis=1, keepdims=0)
        self("Gather", labels, best, axis=0, output=operator.outputs[0].full_name)
