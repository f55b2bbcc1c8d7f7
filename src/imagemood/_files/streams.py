"""Writes to pipes, devices, open descriptors and standard output, none of which can be replaced by a new file."""

from __future__ import annotations

import errno
import os
import re
import select
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imagemood.errors import InputError, first_line

_MAX_LINKS = 40  # as in Linux
_DESCRIPTOR_FOLDER = re.compile(r"/proc/(?P<process>\d+)(?:/task/\d+)?/fd")
_STANDARD_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}  # also where /dev has no links to descriptors


def is_stream(path: str | Path) -> bool:
    """Return whether a path names a pipe, a device, a socket or an open descriptor, such as ``/dev/stdout``.

    Examples
    --------
    >>> is_stream("/dev/null"), is_stream("/dev/fd/2"), is_stream("rows.csv")
    (True, True, False)
    """
    path = str(path)
    try:
        kind = os.stat(path).st_mode  # noqa: PTH116 (raises ValueError for a null byte)
    except (OSError, ValueError):
        return descriptor_of(path) is not None
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)) or _descriptor_link(path) is not None


def descriptor_of(path: str) -> int | None:
    """Return the number of the descriptor of this process that a path names, or None."""
    if path in _STANDARD_STREAMS:
        return _STANDARD_STREAMS[path]
    link = _descriptor_link(path)
    return None if link is None or link[0] not in (None, os.getpid()) else link[1]


def _descriptor_link(path: str) -> tuple[int | None, int] | None:
    """Follow links to a path such as ``/proc/123/fd/1``; return the process, if known, and the descriptor."""
    try:
        for _ in range(_MAX_LINKS):
            folder, name = os.path.split(path)
            if name.isascii() and name.isdigit():
                folder = os.path.realpath(folder)
                if folder == "/dev/fd":
                    return None, int(name)
                if found := _DESCRIPTOR_FOLDER.fullmatch(folder):
                    return int(found["process"]), int(name)
            path = os.path.join(folder, os.readlink(path))  # noqa: PTH115, PTH118
    except (OSError, ValueError):  # not a link
        pass
    return None


def check_stream(path: str) -> None:
    """Raise `OSError` if a stream cannot be written, without writing to it."""
    descriptor = descriptor_of(path)
    if descriptor is not None:
        os.write(descriptor, b"")
        return
    kind = os.stat(path).st_mode  # noqa: PTH116
    if stat.S_ISBLK(kind):
        raise OSError(errno.EINVAL, "is a disk, not a file")
    if stat.S_ISSOCK(kind):
        raise OSError(errno.ENXIO, "is a socket, not a file")
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def write_stream(path: str, content: bytes | memoryview) -> None:
    """Write to a pipe, a device or a descriptor; opening a named pipe waits for its reader."""
    check_stream(path)
    descriptor = descriptor_of(path)
    if descriptor is None:
        # Without O_CREAT and O_TRUNC, nothing is lost if the path has become that of a regular file.
        opened = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            write_all(opened, content)
        finally:
            os.close(opened)
        return
    for stream in (sys.stdout, sys.stderr):  # keep the order of what was written before
        if stream is not None:
            stream.flush()
    write_all(descriptor, content)


def write_all(descriptor: int, content: bytes | memoryview) -> None:
    """Write all bytes, also to a descriptor that does not block."""
    remaining = memoryview(content)
    while remaining:
        try:
            remaining = remaining[os.write(descriptor, remaining) :]
        except BlockingIOError:
            select.select([], [descriptor], [])


def write_standard_output(content: bytes) -> None:
    """Write to standard output.

    Raises
    ------
    InputError
        If standard output is closed, or cannot be written, for example because the disk is full.
    BrokenPipeError
        If the reader has ended.
    """
    with _reported_errors():
        descriptor = _standard_output()
        if descriptor is None:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            sys.stdout.flush()
            # Without Python's buffer, which would raise the error again when the process ends.
            write_all(descriptor, content)


def check_standard_output() -> None:
    """Raise the `InputError` that `write_standard_output` would raise now, without writing."""
    with _reported_errors():
        descriptor = _standard_output()
        if descriptor is not None:
            os.write(descriptor, b"")


def _standard_output() -> int | None:
    """Return the descriptor of standard output; None if it is a stream in memory."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    try:
        return sys.stdout.fileno()
    except (AttributeError, OSError):
        return None


@contextmanager
def _reported_errors() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        what = "is closed" if error.errno == errno.EBADF else f"cannot be written: {first_line(error)}"
        raise InputError(what, where="standard output") from error
