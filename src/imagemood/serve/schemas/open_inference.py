"""Requests and responses of the Open Inference Protocol.

Tensors are part of the JSON, or follow it as bytes (the protocol's binary tensor data extension).
"""

from __future__ import annotations

import math
import re
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, FailFast, Field

from imagemood.errors import InputError
from imagemood.serve.problems import Problem, to_json
from imagemood.serve.request_bodies.encoded_files import decode_bytes, decode_text
from imagemood.serve.request_bodies.json_bodies import check_length, load_json, validate

JSON_LENGTH_HEADER = "Inference-Header-Content-Length"
"""Number of bytes of JSON at the start of the body, if tensors follow it as bytes."""
_DTYPES: dict[str, np.dtype[Any]] = {"FP32": np.dtype("<f4"), "FP64": np.dtype("<f8")}
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_MAX_SHOWN_LENGTH = 40
_MAX_AXES = 8
_MAX_TENSORS = 16
_MAX_VALUES = 1_200_000  # in JSON
_MAX_ELEMENTS = 10_000  # byte strings in a tensor
_T = TypeVar("_T")
Name = Annotated[str, Field(max_length=1000)]


class RequestInput(BaseModel):
    """An input tensor."""

    name: Name
    shape: Annotated[
        list[Annotated[int, Field(ge=0, lt=2**31)]], Field(min_length=1, max_length=_MAX_AXES), FailFast()
    ]
    datatype: str
    parameters: dict[str, Any] = {}
    data: list[Any] | None = None


class RequestOutput(BaseModel):
    """A requested output tensor."""

    name: Name
    parameters: dict[str, Any] = {}


class InferRequest(BaseModel):
    """An inference request."""

    id: Name | None = None
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
        """Return the elements in little-endian order; each byte string is preceded by its length."""
        if isinstance(self.values, list):
            return b"".join(struct.pack("<I", len(value)) + value for value in self.values)
        return np.ascontiguousarray(self.values, dtype=_DTYPES[self.datatype]).tobytes()

    def to_list(self) -> list[Any]:
        """Return the elements for JSON in one flat list: strings for the datatype BYTES, otherwise numbers."""
        if isinstance(self.values, list):
            return [value.decode("utf-8", "replace") for value in self.values]
        numbers: list[Any] = self.values.ravel().tolist()
        return numbers


def parse_request(body: bytes, json_length: str | None) -> tuple[InferRequest, dict[str, Tensor]]:
    """Parse a request and its input tensors, given the value of `JSON_LENGTH_HEADER`."""
    end = len(body) if json_length is None else _parse_json_length(json_length, len(body))
    value = load_json(body[:end], _MAX_VALUES)
    check_length(value, "inputs", _MAX_TENSORS, "inputs")
    check_length(value, "outputs", _MAX_TENSORS, "outputs")
    request = validate(value, InferRequest)
    names = [output.name for output in request.outputs or ()]
    if len(set(names)) < len(names):
        raise Problem(422, "an output is requested more than once")
    inputs = {}
    for entry in request.inputs:
        size = entry.parameters.get("binary_data_size")
        if size is None:
            inputs[entry.name] = _from_json(entry)
            continue
        if type(size) is not int or not 0 <= size <= len(body) - end:
            left = len(body) - end
            raise Problem(
                422, f"'{entry.name}' has binary_data_size {size}, but {left} bytes are left in the body"
            )
        inputs[entry.name] = _from_bytes(entry, body[end : end + size])
        end += size
    return request, inputs


def _parse_json_length(text: str, n_bytes: int) -> int:
    if not _LENGTH.fullmatch(text) or int(text) > n_bytes:
        shown = text if len(text) <= _MAX_SHOWN_LENGTH else f"{text[:_MAX_SHOWN_LENGTH]}…"
        raise Problem(400, f"{JSON_LENGTH_HEADER} is {shown}, but the body has {n_bytes} bytes")
    return int(text)


def _from_json(entry: RequestInput) -> Tensor:
    if entry.data is None:
        raise Problem(422, f"'{entry.name}' has neither data nor binary_data_size")
    if entry.datatype == "BYTES":
        texts = _flatten(entry.data, 1)
        _check_n_elements(entry, len(texts))
        if len(texts) != math.prod(entry.shape) or not all(isinstance(text, str) for text in texts):
            raise Problem(422, f"'{entry.name}' must contain base64 strings, and {math.prod(entry.shape)} of them")
        return _decode_files(entry, texts, decode_text)
    try:
        with np.errstate(over="raise"):
            numbers = np.array(_flatten(entry.data, len(entry.shape)), dtype=_dtype(entry))
    except (TypeError, ValueError, OverflowError, FloatingPointError) as error:
        raise Problem(422, f"'{entry.name}' contains a value that is not a number of this type") from error
    return Tensor(entry.name, entry.datatype, _reshape(entry, numbers))


def _flatten(data: Sequence[Any], n_axes: int) -> list[Any]:
    """Flatten nested lists; the protocol also allows lists that are flat already."""
    for _ in range(n_axes):
        if not any(isinstance(entry, list) for entry in data):
            break
        data = [inner for entry in data for inner in (entry if isinstance(entry, list) else [entry])]
    return list(data)


def _from_bytes(entry: RequestInput, content: bytes) -> Tensor:
    if entry.datatype == "BYTES":
        values: list[bytes] = []
        start = 0
        while start + 4 <= len(content):
            _check_n_elements(entry, len(values))
            (length,) = struct.unpack_from("<I", content, start)
            values.append(content[start + 4 : start + 4 + length])
            start += 4 + length
        if start != len(content) or len(values) != math.prod(entry.shape):
            raise Problem(422, f"'{entry.name}' does not contain {math.prod(entry.shape)} elements")
        return _decode_files(entry, values, decode_bytes)
    dtype = _dtype(entry)
    if len(content) % dtype.itemsize:
        raise Problem(422, f"'{entry.name}' has {len(content)} bytes, not a multiple of {dtype.itemsize}")
    return Tensor(entry.name, entry.datatype, _reshape(entry, np.frombuffer(content, dtype)))


def _decode_files(entry: RequestInput, elements: list[_T], decode: Callable[[_T, int], bytes]) -> Tensor:
    """Return the tensor of files, which are text in JSON; in both forms, they may be data URLs."""
    files = []
    for index, element in enumerate(elements):
        try:
            files.append(decode(element, sys.maxsize))  # the size of the body is limited
        except InputError as error:
            raise Problem(422, f"{entry.name} {index}: {error.message}") from error
    return Tensor(entry.name, "BYTES", files)


def _check_n_elements(entry: RequestInput, n_elements: int) -> None:
    if n_elements > _MAX_ELEMENTS:
        raise Problem(413, f"'{entry.name}' has more than {_MAX_ELEMENTS:,} elements")


def _dtype(entry: RequestInput) -> np.dtype[Any]:
    if entry.datatype not in _DTYPES:
        raise Problem(
            422, f"'{entry.name}' has the unsupported datatype {entry.datatype}; use BYTES, FP32 or FP64"
        )
    return _DTYPES[entry.datatype]


def _reshape(entry: RequestInput, numbers: NDArray[Any]) -> NDArray[Any]:
    if numbers.ndim != 1 or numbers.size != math.prod(entry.shape):
        raise Problem(422, f"'{entry.name}' does not contain {math.prod(entry.shape)} numbers")
    try:
        return numbers.reshape(entry.shape)
    except ValueError as error:  # an empty array whose other axes are huge
        raise Problem(422, f"'{entry.name}' has an unsupported shape: {error}") from error


def serialize_response(
    request: InferRequest, model: str, outputs: Mapping[str, Tensor]
) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of the response, with those outputs of a model that were requested."""
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
    head = to_json(response)
    if not tail:
        return head, {"Content-Type": "application/json"}
    headers = {"Content-Type": "application/octet-stream", JSON_LENGTH_HEADER: str(len(head))}
    return head + b"".join(tail), headers
