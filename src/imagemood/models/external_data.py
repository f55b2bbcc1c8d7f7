"""Rejects ONNX networks with external data, which ONNX Runtime would read from other files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imagemood.errors import ModelError

if TYPE_CHECKING:
    from google.protobuf.message import Message

_KEY = b"location"  # the key of the entry that names the file


def check_no_external_data(content: bytes, name: str) -> None:
    """Raise `ModelError` if a tensor of a network is stored in another file."""
    if _KEY in content and _has_external_data(content):
        raise ModelError(
            "the network has external data, which are not supported",
            where=name,
            hint="save the network as one file: onnx.save_model with save_as_external_data=False",
        )


def _has_external_data(content: bytes) -> bool:
    import onnx  # noqa: PLC0415 (slow to import, and few networks contain the key)
    from google.protobuf.message import DecodeError  # noqa: PLC0415

    try:
        return _contains_external_tensor(onnx.ModelProto.FromString(content))
    except DecodeError:
        return False  # ONNX Runtime reports what is wrong


def _contains_external_tensor(message: Message) -> bool:
    """Return whether a message or one below it is a tensor in another file; tensors occur in many places."""
    if message.DESCRIPTOR.name == "TensorProto":
        return bool(message.external_data)  # type: ignore[attr-defined]
    return any(
        _contains_external_tensor(part)
        for field, value in message.ListFields()
        if field.message_type is not None
        for part in (value if isinstance(value, Sequence) else [value])
    )
