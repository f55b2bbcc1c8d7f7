"""Reads file objects: open files, BytesIO, members of archives, and responses of servers."""

from __future__ import annotations

import io
import os
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

from imagemood.errors import ImageError, MoodError, UnreadableError, first_line
from imagemood.pictures.reading import limits

_PART_BYTES = 1 << 24
_HINT = "open it with the mode 'rb'"


def is_file(value: Any) -> bool:
    """Return whether a value can be read like a file, or like a path that has a method ``read_bytes``."""
    return callable(getattr(value, "read", None)) or callable(getattr(value, "read_bytes", None))


def name_of(file: Any) -> str | None:
    """Return the path or name of a file object, or None if it has none."""
    name = getattr(file, "name", None)
    return os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) and name else None


def read(file: Any, *, where: str) -> bytes:
    """Read a file object from its beginning if possible, and otherwise from its position, within the size limit.

    Raises
    ------
    InputError
        If the file is closed, is open in text mode, cannot be read, or is too large.

    Examples
    --------
    >>> file = io.BytesIO(b"content")
    >>> read(file, where="a"), read(file, where="a")
    (b'content', b'content')
    """
    if isinstance(file, io.TextIOBase):
        raise ImageError("the file is open in text mode", where=where, hint=_HINT)
    try:
        if not callable(getattr(file, "read", None)):
            return limits.check_size(_as_bytes(file.read_bytes(), where), where)
        with suppress(AttributeError, io.UnsupportedOperation):
            file.seek(0)
        return _read_parts(file, where)
    except MoodError:
        raise
    except Exception as error:  # archives, file systems and networks raise many unrelated classes
        raise UnreadableError(f"cannot be read: {first_line(error)}", where=where) from error


def _read_parts(file: Any, where: str) -> bytes:
    parts: list[bytes] = []
    n_bytes = 0
    try:
        part = _as_bytes(file.read(_PART_BYTES), where)
    except TypeError:  # a method that always reads everything, such as that of the responses of httpx
        return limits.check_size(_as_bytes(file.read(), where), where)
    while part:
        parts.append(part)
        n_bytes += len(part)
        limits.check_length(n_bytes, where)
        part = _as_bytes(file.read(_PART_BYTES), where)
    return b"".join(parts)


def _as_bytes(content: Any, where: str) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, bytearray | memoryview):
        return bytes(content)
    if isinstance(content, str):
        raise ImageError("the file is open in text mode", where=where, hint=_HINT)
    if isinstance(content, Awaitable):
        if hasattr(content, "close"):
            content.close()
        raise ImageError("the file is asynchronous", where=where, hint="await its content, and pass the bytes")
    if content is None:
        raise UnreadableError("the file has no data yet", where=where, hint="open it in blocking mode")
    raise UnreadableError(f"the file contains {type(content).__name__} instead of bytes", where=where)
