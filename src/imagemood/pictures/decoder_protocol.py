"""Messages between a program and its decoder processes.

A message is a kind, a length and bytes. Nothing in it can be executed: a decoder that a hostile picture has taken
over can only return wrong pixels or a wrong error.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import IO

import numpy as np
from numpy.typing import NDArray

_HEADER = struct.Struct("!BQ")
MAX_FAILURE_BYTES = 10_000
"""Maximum length of a message `Kind.FAILURE`."""
_JOINED_BYTES = 1_000_000  # shorter messages are written in one call


class Kind(IntEnum):
    """The kinds of messages, and their content."""

    READY = 1  # nothing: the process has started
    OPTIONS = 2  # a JSON object of the options; a message CONTENT follows
    CONTENT = 3  # the content of a picture file
    MEMORY_NEEDED = 4  # the number of bytes that decoding needs, in eight bytes
    MEMORY_GRANTED = 5  # nothing
    MEMORY_REFUSED = 6  # nothing
    PIXELS = 7  # height and width, each in four bytes, then the pixels
    FAILURE = 8  # why the picture cannot be decoded, a null byte, and a hint


class MessageError(Exception):
    """The other side has ended, or sent something that is not the expected message."""


def write(file: IO[bytes], kind: Kind, *parts: bytes | memoryview) -> None:
    """Write a message to an unbuffered file; raise `OSError` if the other side has ended."""
    sizes = [len(part) for part in parts]
    header = _HEADER.pack(kind, sum(sizes))
    if sum(sizes) <= _JOINED_BYTES:
        _write_all(file, b"".join([header, *parts]))
    else:
        for part in (header, *parts):
            _write_all(file, part)


def _write_all(file: IO[bytes], content: bytes | memoryview) -> None:
    view = memoryview(content)
    while view:
        view = view[file.write(view) :]


def read(file: IO[bytes], max_bytes: int, *expected: Kind) -> tuple[Kind, bytes]:
    """Read a message from a buffered file, which reads long messages without copying them.

    Raises
    ------
    MessageError
        If the other side has ended, the message is not of an expected kind, or it is longer than `max_bytes`.
    """
    kind, n_bytes = _HEADER.unpack(_read_all(file, _HEADER.size))
    if kind not in expected or n_bytes > max_bytes:
        raise MessageError(f"unexpected message of kind {kind} and {n_bytes} bytes")
    return Kind(kind), _read_all(file, n_bytes)


def parse(arrived: bytes | bytearray, max_bytes: int, *expected: Kind) -> tuple[Kind, memoryview]:
    """Return the kind and the content of a message that has been read; raise `MessageError` as `read` does."""
    n_bytes = size_of(arrived)
    if n_bytes is None or n_bytes != len(arrived):
        raise MessageError(f"{len(arrived)} bytes are not a message")
    if arrived[0] not in expected or n_bytes - _HEADER.size > max_bytes:
        raise MessageError(f"unexpected message of kind {arrived[0]} and {n_bytes} bytes")
    return Kind(arrived[0]), memoryview(arrived)[_HEADER.size :]


def size_of(arrived: bytes | bytearray) -> int | None:
    """Return the size of a message whose first bytes have arrived, or None if these are too few."""
    if len(arrived) < _HEADER.size:
        return None
    return _HEADER.size + int(_HEADER.unpack_from(arrived)[1])


def max_answer_bytes(size_px: int) -> int:
    """Return the largest size of an answer with a square of pixels, or with the reason of a failure."""
    return _HEADER.size + max(8 + 3 * size_px**2, MAX_FAILURE_BYTES)


def _read_all(file: IO[bytes], n_bytes: int) -> bytes:
    content = file.read(n_bytes)
    if len(content) < n_bytes:
        raise MessageError("the other side has ended")
    return content


def parse_size(answer: bytes | memoryview) -> int:
    """Return the number of bytes in a message `Kind.MEMORY_NEEDED`."""
    if len(answer) != 8:
        raise MessageError(f"{len(answer)} bytes are not a number")
    return int.from_bytes(answer, "big")


def parse_pixels(answer: bytes | memoryview, size_px: int | None, *, is_square: bool) -> NDArray[np.uint8]:
    """Return the pixels in a message `Kind.PIXELS`, which must have the expected size."""
    height, width = (int.from_bytes(answer[i : i + 4], "big") for i in (0, 4))
    is_expected = size_px is None or (
        (height, width) == (size_px, size_px) if is_square else max(height, width) <= size_px
    )
    if len(answer) != 8 + 3 * height * width or not is_expected:
        raise MessageError(f"{len(answer)} bytes are not {height}×{width} pixels")
    return np.frombuffer(answer, np.uint8, offset=8).reshape(height, width, 3)
