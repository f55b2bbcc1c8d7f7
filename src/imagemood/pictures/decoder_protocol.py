"""Messages between a program and its decoder processes.

A message is a kind, a length and bytes. Nothing in it can be executed: a decoder that a hostile picture has taken
over can only return wrong pixels or a wrong error.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import IO

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


def _read_all(file: IO[bytes], n_bytes: int) -> bytes:
    content = file.read(n_bytes)
    if len(content) < n_bytes:
        raise MessageError("the other side has ended")
    return content
