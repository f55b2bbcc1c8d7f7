"""Reads local files: within a size limit, and without waiting for pipes and devices that nobody has named."""

from __future__ import annotations

import os
import stat

from imagemood.errors import InputError
from imagemood.pictures.names import of_address
from imagemood.pictures.reading import limits

_CHUNK = 1 << 16
_SPECIAL = {
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}
# Without O_NONBLOCK, opening a named pipe waits for a process that writes to it.
_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_BINARY = getattr(os, "O_BINARY", 0)  # only on Windows


def special_kind(mode: int) -> str | None:
    """Return the kind of a special file, such as ``named pipe``, from the mode of a file; None for other files.

    Examples
    --------
    >>> special_kind(os.stat(os.devnull).st_mode), special_kind(os.stat(os.curdir).st_mode)
    ('character device', None)
    """
    return _SPECIAL.get(stat.S_IFMT(mode))


def is_special(path: str) -> bool:
    """Return whether there is a special file at a path, such as a pipe, whose content can be read only once."""
    try:
        return special_kind(os.stat(path).st_mode) is not None  # noqa: PTH116 (a path may be invalid)
    except (OSError, ValueError):
        return False


def check_not_special(path: str) -> None:
    """Raise an `InputError` if the file at a path is special or cannot be examined; the file is not opened."""
    try:
        state = os.stat(path)  # noqa: PTH116 (a path may be invalid)
    except (OSError, ValueError) as error:
        raise InputError(reason(error, path), where=of_address(path)) from error
    _check_not_special(state, path)


def read(path: str, *, allow_special: bool = True) -> bytes:
    """Read a file.

    Parameters
    ----------
    path : str
        The path of the file.
    allow_special : bool
        Whether the file may be a pipe or a device, which may have to be waited for. Otherwise, it is not read.

    Raises
    ------
    InputError
        If the file does not exist, cannot be read, is too large, or is a special file that is not allowed.
    """
    try:
        if not allow_special:
            check_not_special(path)  # before it is opened, because opening a device may have an effect
        descriptor = os.open(path, os.O_RDONLY | _BINARY | (0 if allow_special else _WITHOUT_WAITING))
        try:
            state = os.fstat(descriptor)
            if not allow_special:
                _check_not_special(state, path)
            return _read_all(descriptor, state, path)
        finally:
            os.close(descriptor)
    except InputError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise InputError(reason(error, path), where=of_address(path)) from error
    except MemoryError as error:
        raise InputError("not enough memory to read the file", where=of_address(path)) from error


def reason(error: OSError | ValueError, path: str) -> str:
    """Return the reason why the file at a path cannot be used, without the path."""
    if isinstance(error, FileNotFoundError) and os.path.islink(path):  # noqa: PTH114 (a path may be invalid)
        return "broken symbolic link"
    code = getattr(error, "errno", None)  # pyarrow's messages are longer than those of the operating system
    return os.strerror(code) if code else str(error)


def _check_not_special(state: os.stat_result, path: str) -> None:
    if kind := special_kind(state.st_mode):
        raise InputError(f"a {kind}, not a file", where=of_address(path))


def _read_all(descriptor: int, state: os.stat_result, path: str) -> bytes:
    """Read up to the end; the size is checked before and, because it may grow or be unknown, while reading."""
    name = of_address(path)
    limits.check_length(state.st_size, name)
    chunks: list[bytes] = []
    n_bytes, n_next = 0, max(state.st_size + 1, _CHUNK)
    while chunk := os.read(descriptor, n_next):
        chunks.append(chunk)
        n_bytes, n_next = n_bytes + len(chunk), _CHUNK
        limits.check_length(n_bytes, name)
    return b"".join(chunks)
