"""The files and folders to write: where symbolic links lead, temporary names, attributes, and reported errors."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from imagemood.errors import InputError, first_line

# The folder of the file does not allow new files, or the file is a mount point, as in a container.
IRREPLACEABLE = frozenset([errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.EXDEV])
"""Errors after which a file may still be overwritten in place."""
_MAX_PREFIX = 24  # characters of the target's name in a temporary name, since the former may be very long


@contextmanager
def reported_errors(path: str | Path) -> Iterator[None]:
    """Convert each `OSError` of the block to an `InputError` that names the target."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be written: {first_line(error)}", where=str(path)) from error
    except InputError:
        raise
    except ValueError as error:
        if "null byte" not in str(error):
            raise
        raise InputError(f"cannot be written: {error}", where=str(path)) from error


def resolve(path: str | Path) -> tuple[Path, os.stat_result | None]:
    """Return the path that symbolic links lead to, and the status of an existing file or folder there."""
    try:
        status = Path(path).stat()  # also raises if links form a loop, or a name is too long
    except FileNotFoundError:
        status = None
    return Path(path).resolve(), status


def temporary_path(target: Path) -> Path:
    """Return a new name in the folder of the target, which is not too long."""
    return target.parent / f".{target.name[:_MAX_PREFIX]}.{uuid4().hex[:8]}.part"


@contextmanager
def created_parents(target: Path) -> Iterator[None]:
    """Create the missing folders above a file or folder, and remove them if the block fails."""
    missing = [parent for parent in target.parents if not parent.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for parent in missing:
            with suppress(OSError):  # another process may have written to it
                parent.rmdir()
        raise


def synchronise(file: BinaryIO) -> None:
    """Wait until the content is on disk, which also reports errors of quotas and of network file systems."""
    file.flush()
    os.fsync(file.fileno())


def copy_attributes(source: Path, target: Path) -> None:
    """Copy the mode and, if the system permits it, the owner and the extended attributes of a file or folder."""
    try:
        status = source.stat()
    except OSError:  # there is no older file
        return
    mode = stat.S_IMODE(status.st_mode)
    if hasattr(os, "chown"):
        try:
            os.chown(target, status.st_uid, status.st_gid)
        except OSError:
            mode &= ~(stat.S_ISUID | stat.S_ISGID)  # they would apply to another owner
            with suppress(OSError):
                os.chown(target, -1, status.st_gid)
    target.chmod(mode)
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(source):
                with suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))
