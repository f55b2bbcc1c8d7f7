"""Rejects ONNX networks with external data, which ONNX Runtime would read from other files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from imagemood.errors import ModelError

if TYPE_CHECKING:
    from google.protobuf.message import Message

_KEY = b"location"  # the key of the entry that names the file
# The fields of ONNX's messages that lead to tensors, with their numbers. A star stands for a repeated field.
_MESSAGES = {
    "ModelProto": {
        "graph": (7, "GraphProto"),
        "training_info": (20, "TrainingInfoProto*"),
        "functions": (25, "FunctionProto*"),
    },
    "TrainingInfoProto": {"initialization": (1, "GraphProto"), "algorithm": (2, "GraphProto")},
    "FunctionProto": {"node": (7, "NodeProto*"), "attribute_proto": (11, "AttributeProto*")},
    "GraphProto": {
        "node": (1, "NodeProto*"),
        "initializer": (5, "TensorProto*"),
        "sparse_initializer": (15, "SparseTensorProto*"),
    },
    "NodeProto": {"attribute": (5, "AttributeProto*")},
    "AttributeProto": {
        "t": (5, "TensorProto"),
        "g": (6, "GraphProto"),
        "tensors": (10, "TensorProto*"),
        "graphs": (11, "GraphProto*"),
        "sparse_tensor": (22, "SparseTensorProto"),
        "sparse_tensors": (23, "SparseTensorProto*"),
    },
    "SparseTensorProto": {"values": (1, "TensorProto"), "indices": (2, "TensorProto")},
    "TensorProto": {"external_data": (13, "StringStringEntryProto*")},
    "StringStringEntryProto": {},
}


def check_no_external_data(content: bytes, name: str) -> None:
    """Raise `ModelError` if a tensor of a network is stored in another file."""
    if _KEY in content and _has_external_data(content):
        raise ModelError(
            "the network has external data, which are not supported",
            where=name,
            hint="save the network as one file: onnx.save_model with save_as_external_data=False",
        )


def _has_external_data(content: bytes) -> bool:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 (slow, and few networks contain the key)

    try:
        return _contains_external_tensor(_model_class().FromString(content))
    except DecodeError:
        return False  # ONNX Runtime reports what is wrong


@cache
def _model_class() -> type[Message]:
    """Return the class of ONNX's message ModelProto, without the fields that are not needed here."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # noqa: PLC0415

    file = descriptor_pb2.FileDescriptorProto(name="imagemood/onnx.proto", package="imagemood.onnx")
    for message, fields in _MESSAGES.items():
        described = file.message_type.add(name=message)
        for name, (number, kind) in fields.items():
            field = described.field.add(name=name, number=number)
            field.type = field.TYPE_MESSAGE
            field.type_name = f".imagemood.onnx.{kind.rstrip('*')}"
            is_repeated = kind.endswith("*")
            field.label = field.LABEL_REPEATED if is_repeated else field.LABEL_OPTIONAL
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found: type[Message] = message_factory.GetMessageClass(pool.FindMessageTypeByName("imagemood.onnx.ModelProto"))
    return found


def _contains_external_tensor(message: Message) -> bool:
    """Return whether a message or one below it is a tensor in another file; tensors occur in many places."""
    if message.DESCRIPTOR.name == "TensorProto":
        return bool(message.external_data)  # type: ignore[attr-defined]
    return any(
        _contains_external_tensor(part)
        for _, value in message.ListFields()
        for part in (value if isinstance(value, Sequence) else [value])
    )
