"""Requests and responses of the Open Inference Protocol.

Tensors are in JSON, or follow the JSON as bytes (the protocol's binary tensor data extension).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from imagemood.serve.problems import Problem, format_validation_errors

JSON_LENGTH_HEADER = "Inference-Header-Content-Length"
"""Number of bytes of JSON at the start of the body, if tensors follow it as bytes."""
_DTYPES: dict[str, np.dtype[Any]] = {"FP32": np.dtype("<f4"), "FP64": np.dtype("<f8")}
_MAX_AXES = 8


class RequestInput(BaseModel):
    """An input tensor."""

    name: str
    shape: Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], Field(min_length=1, max_length=_MAX_AXES)]
    datatype: str
    parameters: dict[str, Any] = {}
    data: list[Any] | None = None


class RequestOutput(BaseModel):
    """A requested output tensor."""

    name: str
    parameters: dict[str, Any] = {}


class InferRequest(BaseModel):
    """An inference request."""

    id: str | None = None
    parameters: dict[str, Any] = {}
    inputs: Annotated[list[RequestInput], Field(min_length=1)]
    outputs: list[RequestOutput] | None = None


@dataclass(frozen=True, eq=False)
class Tensor:
    """A named tensor: byte strings of the datatype BYTES, or an array of FP32 or FP64."""

    name: str
    datatype: str
    values: list[bytes] | NDArray[Any]

    @property
    def shape(self) -> list[int]:
        """Length of each axis."""
        return [len(self.values)] if isinstance(self.values, list) else list(self.values.shape)

    def to_bytes(self) -> bytes:
        """Return the elements in little-endian order; those of BYTES are preceded by their lengths."""
        if isinstance(self.values, list):
            return b"".join(struct.pack("<I", len(value)) + value for value in self.values)
        return np.ascontiguousarray(self.values, dtype=_DTYPES[self.datatype]).tobytes()

    def to_list(self) -> list[Any]:
        """Return the elements for JSON in one flat list: strings of BYTES, otherwise numbers."""
        if isinstance(self.values, list):
            return [value.decode("utf-8", "replace") for value in self.values]
        numbers: list[Any] = self.values.ravel().tolist()
        return numbers


def parse_request(body: bytes, json_length: str | None) -> tuple[InferRequest, dict[str, Tensor]]:
    """Parse a request and its input tensors, given the value of `JSON_LENGTH_HEADER`."""
    if json_length is not None and not (json_length.isdecimal() and int(json_length) <= len(body)):
        raise Problem(422, f"{JSON_LENGTH_HEADER} is {json_length}, but the body has {len(body)} bytes")
    end = len(body) if json_length is None else int(json_length)
    try:
        request = InferRequest.model_validate(json.loads(body[:end]))
    except ValidationError as error:
        raise Problem(422, format_validation_errors(error.errors())) from error
    except (ValueError, RecursionError) as error:
        raise Problem(422, f"the body is not valid JSON: {error}") from error
    inputs = {}
    for given in request.inputs:
        size = given.parameters.get("binary_data_size")
        if size is None:
            inputs[given.name] = _from_json(given)
            continue
        if type(size) is not int or not 0 <= size <= len(body) - end:
            left = len(body) - end
            raise Problem(
                422, f"'{given.name}' has binary_data_size {size}, but {left} bytes are left in the body"
            )
        inputs[given.name] = _from_bytes(given, body[end : end + size])
        end += size
    return request, inputs


def _from_json(given: RequestInput) -> Tensor:
    if given.data is None:
        raise Problem(422, f"'{given.name}' has neither data nor binary_data_size")
    if given.datatype == "BYTES":
        texts = _flatten(given.data, 1)
        if len(texts) != math.prod(given.shape) or not all(isinstance(text, str) for text in texts):
            raise Problem(422, f"'{given.name}' must contain base64 strings, and {math.prod(given.shape)} of them")
        try:
            return Tensor(given.name, "BYTES", [base64.b64decode(text, validate=True) for text in texts])
        except (binascii.Error, ValueError) as error:
            raise Problem(422, f"'{given.name}' is not valid base64: {error}") from error
    try:
        numbers = np.array(_flatten(given.data, len(given.shape)), dtype=_dtype(given))
    except (TypeError, ValueError, OverflowError) as error:
        raise Problem(422, f"'{given.name}' contains a value that is not a number") from error
    return Tensor(given.name, given.datatype, _reshape(given, numbers))


def _flatten(data: Sequence[Any], n_axes: int) -> list[Any]:
    """Flatten nested lists; the protocol also allows lists that are flat already."""
    for _ in range(n_axes):
        if not any(isinstance(entry, list) for entry in data):
            break
        data = [inner for entry in data for inner in (entry if isinstance(entry, list) else [entry])]
    return list(data)


def _from_bytes(given: RequestInput, content: bytes) -> Tensor:
    if given.datatype == "BYTES":
        values, start = [], 0
        while start + 4 <= len(content):
            (length,) = struct.unpack_from("<I", content, start)
            values.append(content[start + 4 : start + 4 + length])
            start += 4 + length
        if start != len(content) or len(values) != math.prod(given.shape):
            raise Problem(422, f"'{given.name}' does not contain {math.prod(given.shape)} elements")
        return Tensor(given.name, "BYTES", values)
    dtype = _dtype(given)
    if len(content) % dtype.itemsize:
        raise Problem(422, f"'{given.name}' has {len(content)} bytes, not a multiple of {dtype.itemsize}")
    return Tensor(given.name, given.datatype, _reshape(given, np.frombuffer(content, dtype)))


def _dtype(given: RequestInput) -> np.dtype[Any]:
    if given.datatype not in _DTYPES:
        raise Problem(
            422, f"'{given.name}' has the unsupported datatype {given.datatype}; use BYTES, FP32 or FP64"
        )
    return _DTYPES[given.datatype]


def _reshape(given: RequestInput, numbers: NDArray[Any]) -> NDArray[Any]:
    if numbers.ndim != 1 or numbers.size != math.prod(given.shape):
        raise Problem(422, f"'{given.name}' does not contain {math.prod(given.shape)} numbers")
    try:
        return numbers.reshape(given.shape)
    except ValueError as error:  # an empty array whose other axes are huge
        raise Problem(422, f"'{given.name}' has an unsupported shape: {error}") from error


def serialize_response(
    request: InferRequest, model: str, outputs: Mapping[str, Tensor]
) -> tuple[bytes, dict[str, str]]:
    """Return the body and headers of the response, with the requested ones of the outputs of a model."""
    binary_by_default = request.parameters.get("binary_data_output") is True
    requested = request.outputs or [RequestOutput(name=name) for name in outputs]
    entries, tail = [], []
    for output in requested:
        if output.name not in outputs:
            raise Problem(422, f"no output '{output.name}'; the outputs are {', '.join(outputs)}")
        tensor = outputs[output.name]
        entry: dict[str, Any] = {"name": tensor.name, "datatype": tensor.datatype, "shape": tensor.shape}
        if output.parameters.get("binary_data", binary_by_default) is True:
            tail.append(tensor.to_bytes())
            entry["parameters"] = {"binary_data_size": len(tail[-1])}
        else:
            entry["data"] = tensor.to_list()
        entries.append(entry)
    response = {"model_name": model, "model_version": "1", "outputs": entries}
    if request.id is not None:
        response["id"] = request.id
    head = json.dumps(response, ensure_ascii=False).encode()
    if not tail:
        return head, {"Content-Type": "application/json"}
    headers = {"Content-Type": "application/octet-stream", JSON_LENGTH_HEADER: str(len(head))}
    return head + b"".join(tail), headers
