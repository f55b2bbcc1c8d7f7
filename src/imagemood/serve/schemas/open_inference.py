"""Tensors of the Open Inference Protocol: in JSON, or behind it as bytes (the binary tensor data extension)."""

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

from imagemood.serve.problems import Problem, sentence

HEADER = "Inference-Header-Content-Length"
"""How many bytes of a body are JSON, where tensors follow as bytes."""
_DTYPES: dict[str, np.dtype[Any]] = {"FP32": np.dtype("<f4"), "FP64": np.dtype("<f8")}
_MAX_AXES = 8


class RequestInput(BaseModel):
    """A tensor that is given."""

    name: str
    shape: Annotated[list[Annotated[int, Field(ge=0, lt=2**31)]], Field(min_length=1, max_length=_MAX_AXES)]
    datatype: str
    parameters: dict[str, Any] = {}
    data: list[Any] | None = None


class RequestOutput(BaseModel):
    """A tensor that is asked for."""

    name: str
    parameters: dict[str, Any] = {}


class InferRequest(BaseModel):
    """A request for inference."""

    id: str | None = None
    parameters: dict[str, Any] = {}
    inputs: Annotated[list[RequestInput], Field(min_length=1)]
    outputs: list[RequestOutput] | None = None


@dataclass(frozen=True, eq=False)
class Tensor:
    """A named array.

    Attributes
    ----------
    name : str
        Its name.
    datatype : str
        ``BYTES``, ``FP32`` or ``FP64``.
    values : list of bytes, or ndarray
        Its elements.
    """

    name: str
    datatype: str
    values: list[bytes] | NDArray[Any]

    @property
    def shape(self) -> list[int]:
        """Length of each axis."""
        return [len(self.values)] if isinstance(self.values, list) else list(self.values.shape)

    def as_bytes(self) -> bytes:
        """Give the elements one after the other, each of BYTES behind its length.

        Returns
        -------
        bytes
            Little-endian.
        """
        if isinstance(self.values, list):
            return b"".join(struct.pack("<I", len(value)) + value for value in self.values)
        return np.ascontiguousarray(self.values, dtype=_DTYPES[self.datatype]).tobytes()

    def as_list(self) -> list[Any]:
        """Give the elements as JSON has them, without nesting.

        Returns
        -------
        list of str or float
            Text of BYTES, numbers otherwise.
        """
        if isinstance(self.values, list):
            return [value.decode("utf-8", "replace") for value in self.values]
        numbers: list[Any] = self.values.ravel().tolist()
        return numbers


def read(body: bytes, json_length: str | None) -> tuple[InferRequest, dict[str, Tensor]]:
    """Read a request for inference.

    Parameters
    ----------
    body : bytes
        JSON, and perhaps tensors behind it.
    json_length : str or None
        The header that says how much of it is JSON.

    Returns
    -------
    request : InferRequest
        The request.
    inputs : dict of str to Tensor
        Its tensors, by name.

    Raises
    ------
    Problem
        422 if it is no such request.
    """
    if json_length is not None and not (json_length.isdecimal() and int(json_length) <= len(body)):
        raise Problem(422, f"{HEADER} is {json_length}, not a length within the body of {len(body)} bytes")
    end = len(body) if json_length is None else int(json_length)
    try:
        request = InferRequest.model_validate(json.loads(body[:end]))
    except ValidationError as error:
        raise Problem(422, sentence(error.errors())) from error
    except (ValueError, RecursionError) as error:
        raise Problem(422, f"the body is no JSON: {error}") from error
    inputs = {}
    for given in request.inputs:
        size = given.parameters.get("binary_data_size")
        if size is None:
            inputs[given.name] = _of_json(given)
            continue
        if type(size) is not int or not 0 <= size <= len(body) - end:
            raise Problem(422, f"'{given.name}' has binary_data_size {size}, but {len(body) - end} bytes are left")
        inputs[given.name] = _of_bytes(given, body[end : end + size])
        end += size
    return request, inputs


def _of_json(given: RequestInput) -> Tensor:
    if given.data is None:
        raise Problem(422, f"'{given.name}' has neither data nor binary_data_size")
    if given.datatype == "BYTES":
        texts = _flat(given.data, 1)
        if len(texts) != math.prod(given.shape) or not all(isinstance(text, str) for text in texts):
            raise Problem(422, f"'{given.name}' does not hold {math.prod(given.shape)} texts in base64")
        try:
            return Tensor(given.name, "BYTES", [base64.b64decode(text, validate=True) for text in texts])
        except (binascii.Error, ValueError) as error:
            raise Problem(422, f"'{given.name}' is no base64: {error}") from error
    try:
        numbers = np.array(_flat(given.data, len(given.shape)), dtype=_dtype(given))
    except (TypeError, ValueError, OverflowError) as error:
        raise Problem(422, f"'{given.name}' holds what is no number") from error
    return Tensor(given.name, given.datatype, _shaped(given, numbers))


def _flat(data: Sequence[Any], n_axes: int) -> list[Any]:
    """Take nested lists apart; they may also come without nesting."""
    for _ in range(n_axes):
        if not any(isinstance(entry, list) for entry in data):
            break
        data = [inner for entry in data for inner in (entry if isinstance(entry, list) else [entry])]
    return list(data)


def _of_bytes(given: RequestInput, content: bytes) -> Tensor:
    if given.datatype == "BYTES":
        values, start = [], 0
        while start + 4 <= len(content):
            (length,) = struct.unpack_from("<I", content, start)
            values.append(content[start + 4 : start + 4 + length])
            start += 4 + length
        if start != len(content) or len(values) != math.prod(given.shape):
            raise Problem(422, f"'{given.name}' does not hold {math.prod(given.shape)} elements")
        return Tensor(given.name, "BYTES", values)
    dtype = _dtype(given)
    if len(content) % dtype.itemsize:
        raise Problem(422, f"'{given.name}' ends within a number")
    return Tensor(given.name, given.datatype, _shaped(given, np.frombuffer(content, dtype)))


def _dtype(given: RequestInput) -> np.dtype[Any]:
    if given.datatype not in _DTYPES:
        raise Problem(422, f"'{given.name}' is {given.datatype}, not BYTES, FP32 or FP64")
    return _DTYPES[given.datatype]


def _shaped(given: RequestInput, numbers: NDArray[Any]) -> NDArray[Any]:
    if numbers.ndim != 1 or numbers.size != math.prod(given.shape):
        raise Problem(422, f"'{given.name}' does not hold {math.prod(given.shape)} numbers")
    return numbers.reshape(given.shape)


def write(request: InferRequest, model: str, outputs: Mapping[str, Tensor]) -> tuple[bytes, dict[str, str]]:
    """Write an answer.

    Parameters
    ----------
    request : InferRequest
        What was asked.
    model : str
        Name of the model.
    outputs : mapping of str to Tensor
        All that it gives; what is not asked for is left out.

    Returns
    -------
    body : bytes
        JSON, and perhaps tensors behind it.
    headers : dict of str to str
        Headers that say so.

    Raises
    ------
    Problem
        422 if an output is asked for that there is not.
    """
    by_default = request.parameters.get("binary_data_output") is True
    wanted = request.outputs or [RequestOutput(name=name) for name in outputs]
    entries, tail = [], []
    for output in wanted:
        if output.name not in outputs:
            raise Problem(422, f"no output '{output.name}'; there are {', '.join(outputs)}")
        tensor = outputs[output.name]
        entry: dict[str, Any] = {"name": tensor.name, "datatype": tensor.datatype, "shape": tensor.shape}
        if output.parameters.get("binary_data", by_default) is True:
            tail.append(tensor.as_bytes())
            entry["parameters"] = {"binary_data_size": len(tail[-1])}
        else:
            entry["data"] = tensor.as_list()
        entries.append(entry)
    answer = {"model_name": model, "model_version": "1", "outputs": entries}
    if request.id is not None:
        answer["id"] = request.id
    head = json.dumps(answer, ensure_ascii=False).encode()
    if not tail:
        return head, {"Content-Type": "application/json"}
    headers = {"Content-Type": "application/octet-stream", HEADER: str(len(head))}
    return head + b"".join(tail), headers
