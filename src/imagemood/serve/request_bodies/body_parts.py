"""Parts of bodies that are split while they arrive, and a parser that splits NDJSON into its lines."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from imagemood.serve.problems import Problem

MAX_NAME_LENGTH = 500
"""Number of characters of the name of a picture; longer names of files are shortened."""
_BLANK = b" \t\r"


@dataclass(frozen=True)
class Part:
    """A part of a body that has arrived completely: the content of a file, or a line.

    Attributes
    ----------
    content : bytes
        The content, which is empty if there is an error.
    name : str
        The name of the file, or "image".
    error : Problem or None
        Why the part cannot be used, although the other parts can.
    """

    content: bytes
    name: str = "image"
    error: Problem | None = None


class PartParser(Protocol):
    """A parser of a body that arrives in chunks."""

    @property
    def n_pending(self) -> int:
        """Number of bytes of the part that is not complete."""

    def feed(self, chunk: bytes) -> Iterator[Part]:
        """Yield the parts that are complete with a chunk; raise a problem with status 422 if it is not valid."""

    def finish(self) -> Iterator[Part]:
        """Yield the part that ends with the body; raise a problem with status 422 if the end is missing."""

    def fail(self, error: Problem) -> None:
        """Forget the content of the part that is not complete, which becomes an error."""


class PartContent:
    """The content of a part that is arriving, up to a limit.

    Parameters
    ----------
    max_bytes : int or None
        The limit.
    what : str
        What the part is, for the message of the error.
    """

    def __init__(self, max_bytes: int | None, what: str) -> None:
        self.n_bytes = 0
        self._chunks: list[bytes] = []
        self._max_bytes = max_bytes
        self._what = what
        self._error: Problem | None = None

    def add(self, chunk: bytes) -> None:
        """Append a chunk."""
        if self._max_bytes is not None and self.n_bytes + len(chunk) > self._max_bytes:
            self.fail(Problem(413, f"{self._what} is larger than {self._max_bytes:,} bytes"))
        if self._error is None:
            self._chunks.append(chunk)
            self.n_bytes += len(chunk)

    def fail(self, error: Problem) -> None:
        """Forget the content, which becomes an error."""
        self._chunks.clear()
        self.n_bytes = 0
        self._error = self._error or error

    def take(self, name: str = "image") -> Part:
        """Return the part, and start with the next one."""
        part = Part(b"".join(self._chunks), name, self._error)
        self._chunks, self._error, self.n_bytes = [], None, 0
        return part


class LineParser:
    """Splits NDJSON into its lines, without those that are blank.

    Parameters
    ----------
    max_bytes : int
        The limit on a line.

    Examples
    --------
    >>> parser = LineParser(max_bytes=10)
    >>> [part.content for part in parser.feed(b'{"a": 1}' + bytes([10]) + b'{"b"')]
    [b'{"a": 1}']
    """

    def __init__(self, max_bytes: int) -> None:
        self._line = PartContent(max_bytes, "the line")
        self._is_first = True

    @property
    def n_pending(self) -> int:
        """Number of bytes of the line that is not complete."""
        return self._line.n_bytes

    def feed(self, chunk: bytes) -> Iterator[Part]:
        """Yield the lines that are complete with a chunk."""
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            self._line.add(chunk[start:end])
            start = end + 1
            yield from self.finish()
        self._line.add(chunk[start:])

    def finish(self) -> Iterator[Part]:
        """Yield the line that ends here, unless it is blank."""
        part = self._line.take()
        content = part.content
        if self._is_first:
            content = content.removeprefix(codecs.BOM_UTF8)
            self._is_first = False
        content = content.strip(_BLANK)
        if content or part.error is not None:
            yield Part(content, error=part.error)

    def fail(self, error: Problem) -> None:
        """Forget the content of the line that is not complete, which becomes an error."""
        self._line.fail(error)
