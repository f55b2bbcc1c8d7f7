"""Atomic writes of files: the content is written under a temporary name, which then replaces the file."""

from __future__ import annotations

import errno
import io
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

from imagemood._files.streams import (
    check_standard_output,
    check_stream,
    is_stream,
    write_all,
    write_standard_output,
    write_stream,
)
from imagemood._files.targets import (
    IRREPLACEABLE,
    copy_attributes,
    created_parents,
    reported_errors,
    resolve,
    synchronise,
    temporary_path,
)
from imagemood._text import printable
from imagemood.errors import InputError

_NO_SPACE = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
_PART_BYTES = 1 << 20
_NETWORKS = ("model.onnx", "network.onnx", "model.zip")
"""The files of which each model directory, tagger or Acumos bundle has at least one."""
_MODEL_FILES = frozenset([*_NETWORKS, "metadata.json", "network.json", "model.proto", "license.json", "README.md"])
_logger = logging.getLogger(__name__)


@contextmanager
def atomic_file(path: str | Path) -> Iterator[BinaryIO]:
    r"""Yield a temporary file in the same folder, and rename it to `path` if the block succeeds.

    The block should only write to the file: each `OSError` in it is reported as a failed write. When the block has
    ended, the file is on disk.

    - If `path` is a symbolic link, its target is created or replaced.
    - If `path` is a pipe, a device or an open descriptor, the content is written to it when the block has ended.
    - An existing file keeps its mode and, if the system permits it, its owner and extended attributes, such as
      access control lists. Its other hard links keep the old content.
    - An existing file that cannot be replaced, because its folder allows no new files or because it is a mount
      point, is overwritten in place. The space is reserved first.

    Raises
    ------
    InputError
        If `path` is a folder, or its folder does not exist, or it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "rows.csv"
    >>> with atomic_file(target) as file:
    ...     _ = file.write(b"image,tag,score\n")
    ...     target.exists()
    False
    >>> target.read_text()
    'image,tag,score\n'
    """
    with reported_errors(path):
        if is_stream(path):
            content = io.BytesIO()
            yield content
            write_stream(str(path), content.getbuffer())
            return
        target = _writable_target(path)
        created = _create_temporary(target)
        if created is None:
            content = io.BytesIO()
            yield content
            _overwrite(target, content)
            return
        temporary, file = created
        try:
            with file:
                copy_attributes(target, temporary)  # first, so that nobody else can read the content meanwhile
                yield file
                synchronise(file)
            _replace(temporary, target)
        finally:
            with suppress(OSError):
                temporary.unlink()


def write_file(path: str | Path, content: bytes | str, *, parents: bool = False) -> None:
    """Write a file as `atomic_file` does, or standard output for ``-``; text is encoded in UTF-8.

    With `parents`, missing folders are created.
    """
    data = content.encode() if isinstance(content, str) else content
    if str(path) == "-":
        write_standard_output(data)
        return
    with reported_errors(path):
        folders = created_parents(resolve(path)[0]) if parents and not is_stream(path) else nullcontext()
        with folders, atomic_file(path) as file:
            file.write(data)


def check_file(path: str | Path) -> None:
    """Raise the `InputError` that `write_file` would raise now, before the content is computed.

    An existing file that is part of a model is an error as well.
    """
    if str(path) == "-":
        check_standard_output()
        return
    with reported_errors(path):
        if is_stream(path):
            check_stream(str(path))
            return
        target = _writable_target(path)
        if target.exists() and _is_part_of_model(target):
            raise InputError("is part of a model", where=str(path), hint="choose another output file")
        created = _create_temporary(target)
        if created is not None:
            temporary, file = created
            file.close()
            temporary.unlink()


def _writable_target(path: str | Path) -> Path:
    target, status = resolve(path)
    if status is not None:
        if stat.S_ISDIR(status.st_mode):
            raise InputError("is a folder, not a file", where=str(path), hint="choose another name")
        os.close(os.open(target, os.O_WRONLY))  # raises if the file is write-protected
    return target


def _is_part_of_model(file: Path) -> bool:
    return file.name in _MODEL_FILES and any((file.parent / name).is_file() for name in _NETWORKS)


def _create_temporary(target: Path) -> tuple[Path, BinaryIO] | None:
    """Create a file beside the target, or return None if the target can only be overwritten in place."""
    path = temporary_path(target)
    try:
        return path, path.open("xb")  # with the mode that the umask permits
    except OSError as error:
        _check_overwritable(target, error)
        return None


def _check_overwritable(target: Path, error: OSError) -> None:
    """Raise the error that prevents a new file, unless there is a file that can be overwritten in place."""
    if error.errno not in IRREPLACEABLE or not target.exists():
        raise error


def _replace(temporary: Path, target: Path) -> None:
    try:
        temporary.replace(target)
    except OSError as error:
        _check_overwritable(target, error)
        with temporary.open("rb") as content:
            _overwrite(target, content)


def _overwrite(target: Path, content: BinaryIO) -> None:
    """Overwrite a file in place; if the disk has too little space, it remains unchanged."""
    message = "%s: overwritten in place, because it cannot be replaced by a new file"
    _logger.warning(message, printable(str(target)))
    n_bytes = content.seek(0, os.SEEK_END)
    content.seek(0)
    descriptor = os.open(target, os.O_WRONLY)
    try:
        _reserve(descriptor, n_bytes)
        while part := content.read(_PART_BYTES):
            write_all(descriptor, part)
        os.ftruncate(descriptor, n_bytes)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reserve(descriptor: int, n_bytes: int) -> None:
    """Raise `OSError` if the disk has too little space for a file."""
    if not n_bytes or not hasattr(os, "posix_fallocate"):
        return
    n_before = os.fstat(descriptor).st_size
    try:
        os.posix_fallocate(descriptor, 0, n_bytes)
    except OSError as error:
        os.ftruncate(descriptor, n_before)
        if error.errno in _NO_SPACE:
            raise
