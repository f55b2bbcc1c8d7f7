"""Reads the files of models: only regular files of limited size, in their own folder."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from imagemood.errors import ModelError, first_line
from imagemood.pictures.reading.local_files import special_kind

MAX_JSON_BYTES = 64 * 2**20
"""Maximum size of a file of metadata, of a tagger card and of a model card."""
MAX_NETWORK_BYTES = 2**31 - 1
"""Maximum size of an ONNX file, which is that of all protobuf messages."""
_MAX_NAME_BYTES = 255
# Separators, drive letters and control characters, and other names that are not the same file on all systems.
_UNSAFE_NAME = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]|^\.{0,2}$|[. ]$')


def is_safe_name(name: str) -> bool:
    r"""Return whether a name is that of a file in a folder, on every operating system.

    Examples
    --------
    >>> [is_safe_name(name) for name in ("model.onnx", "..", "a/b", r"a\b", "C:a", "a\0")]
    [True, False, False, False, False, False]
    """
    try:
        return len(name.encode()) <= _MAX_NAME_BYTES and not _UNSAFE_NAME.search(name)
    except UnicodeEncodeError:
        return False


def read_file(
    path: Path,
    *,
    max_bytes: int,
    folder: Path | None = None,
    hint: str | None = None,
    error_class: type[ModelError] = ModelError,
) -> bytes:
    """Read a regular file; raise an `error_class` if it is anything else, too large, or cannot be read.

    If a folder is given, a symbolic link must not lead out of it.
    """
    where = str(path)
    try:
        if folder is not None and not _is_inside(path, folder):
            raise error_class(
                "is a symbolic link to a file outside the directory", where=where, hint="copy the file"
            )
        # A device must not be opened, and a named pipe would block: examine the file before and after opening it.
        _check_regular(path.stat().st_mode, where, error_class)
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            _check_regular(status.st_mode, where, error_class)
            if status.st_size > max_bytes:
                raise error_class(f"too large: more than {max_bytes:,} bytes", where=where)
            content = file.read(status.st_size + 1)
    except (OSError, ValueError, MemoryError) as error:  # ValueError: a null byte in the path
        raise error_class(f"cannot be read: {first_line(error)}", where=where, hint=hint) from error
    if len(content) > status.st_size:
        raise error_class("was changed while it was read", where=where, hint="try again")
    return content


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _check_regular(mode: int, where: str, error_class: type[ModelError]) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise error_class(f"is a {special_kind(mode) or 'special file'}, not a regular file", where=where)


def _is_inside(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))  # unlike resolve, never raises
