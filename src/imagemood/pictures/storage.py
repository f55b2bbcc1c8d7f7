"""Writes and removes files, on this machine and in object stores."""

from __future__ import annotations

from pathlib import Path

from imagemood._files import atomic_file
from imagemood.errors import InputError
from imagemood.pictures import object_store
from imagemood.pictures.addresses import is_object_store


def write(address: str, content: bytes) -> None:
    """Write a file atomically; missing folders are created.

    Raises
    ------
    InputError
        If the file cannot be written.
    RemoteError
        If the object store refuses or fails.
    """
    if is_object_store(address):
        object_store.write(address, content)
        return
    try:
        Path(address).parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(address) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=address) from error


def remove(address: str) -> None:
    """Remove a file, if it exists.

    Raises
    ------
    InputError
        If the file cannot be removed.
    RemoteError
        If the object store refuses or fails.
    """
    if is_object_store(address):
        object_store.remove(address)
        return
    try:
        Path(address).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"cannot be removed: {error.strerror}", where=address) from error
