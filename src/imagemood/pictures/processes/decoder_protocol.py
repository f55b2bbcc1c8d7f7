"""Messages between a program and its decoder processes.

A message is a kind, a length and bytes. Nothing in it can be executed: a decoder that a hostile picture has taken
over can only return wrong pixels or a wrong error.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import IO

import numpy as np
from numpy.typing import NDArray

from imagemood.pictures.pixels.resizing import Resizing

_HEADER = struct.Struct("!BQ")
HEADER_BYTES = _HEADER.size
"""Length of a message without content."""
MAX_FAILURE_BYTES = 10_000
"""Maximum length of a message `Kind.FAILURE`."""
MAX_OPTIONS_BYTES = 1000
"""Maximum length of a message `Kind.OPTIONS`."""
_JOINED_BYTES = 1_000_000  # shorter messages are written in one call


class Kind(IntEnum):
    """The kinds of messages, and their content."""

    READY = 1  # nothing: the process has started
    OPTIONS = 2  # `Options` as JSON; a message CONTENT follows
    CONTENT = 3  # the content of a picture file
    MEMORY_NEEDED = 4  # the number of bytes that decoding needs, in eight bytes
    MEMORY_GRANTED = 5  # nothing
    MEMORY_REFUSED = 6  # nothing
    PIXELS = 7  # height and width, each in four bytes, then the pixels
    FAILURE = 8  # why the picture cannot be decoded, a null byte, and a hint


class MessageError(Exception):
    """The other side has ended, or sent something that is not the expected message."""


@dataclass(frozen=True)
class Options:
    """How a picture is decoded.

    Attributes
    ----------
    n_bytes : int
        The size of the file.
    timeout_s : float
        The time limit.
    size_px, resizing, max_pixels
        As in `imagemood.pictures.pixels.decoding.decode`.
    """

    n_bytes: int
    timeout_s: float
    size_px: int | None
    resizing: Resizing | None
    max_pixels: int

    @classmethod
    def from_json(cls, content: bytes) -> Options:
        """Return the options in a message `Kind.OPTIONS`."""
        fields = json.loads(content)
        resizing = fields.pop("resizing")
        return cls(**fields, resizing=None if resizing is None else Resizing(**resizing))

    def to_json(self) -> bytes:
        """Return the content of a message `Kind.OPTIONS`."""
        return json.dumps({**vars(self), "resizing": self.resizing and asdict(self.resizing)}).encode()

    @property
    def max_answer_bytes(self) -> int:
        """The maximum length of the answer, a message `Kind.PIXELS` or `Kind.FAILURE`."""
        n_pixels = self.max_pixels if self.size_px is None else self.size_px**2
        return max(8 + 3 * n_pixels, MAX_FAILURE_BYTES)

    def parse_pixels(self, answer: bytes | memoryview) -> NDArray[np.uint8]:
        """Return the pixels in a message `Kind.PIXELS`, which must have the expected size."""
        height, width = (int.from_bytes(answer[i : i + 4], "big") for i in (0, 4))
        if len(answer) != 8 + 3 * height * width or not self._is_expected_size(height, width):
            raise MessageError(f"{len(answer)} bytes are not {height}×{width} pixels")
        return np.frombuffer(answer, np.uint8, offset=8).reshape(height, width, 3)

    def _is_expected_size(self, height: int, width: int) -> bool:
        if self.size_px is None:
            return True
        if self.resizing is None or self.resizing.crops:
            return height == width == self.size_px
        return max(height, width) <= self.size_px


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
    kind, n_bytes = _HEADER.unpack(_read_all(file, HEADER_BYTES))
    if kind not in expected or n_bytes > max_bytes:
        raise MessageError(f"unexpected message of kind {kind} and {n_bytes} bytes")
    return Kind(kind), _read_all(file, n_bytes)


def parse(arrived: bytes | bytearray, max_bytes: int, *expected: Kind) -> tuple[Kind, memoryview]:
    """Return the kind and the content of a message that has been read; raise `MessageError` as `read` does."""
    n_bytes = size_of(arrived)
    if n_bytes is None or n_bytes != len(arrived):
        raise MessageError(f"{len(arrived)} bytes are not a message")
    if arrived[0] not in expected or n_bytes - HEADER_BYTES > max_bytes:
        raise MessageError(f"unexpected message of kind {arrived[0]} and {n_bytes} bytes")
    return Kind(arrived[0]), memoryview(arrived)[HEADER_BYTES:]


def size_of(arrived: bytes | bytearray) -> int | None:
    """Return the size of a message whose first bytes have arrived, or None if these are too few."""
    if len(arrived) < HEADER_BYTES:
        return None
    return HEADER_BYTES + int(_HEADER.unpack_from(arrived)[1])


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
