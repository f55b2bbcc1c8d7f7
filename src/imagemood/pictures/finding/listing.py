"""Lists the entries of local folders, and of folders in object stores."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import IntEnum
from typing import NoReturn

from imagemood.errors import MoodError, UnreadableError, first_line
from imagemood.pictures.names import escape
from imagemood.pictures.reading import object_store
from imagemood.pictures.reading.addresses import is_object_store

OnError = Callable[[MoodError], object]
"""Called with the error of a folder or file that cannot be used."""


class EntryKind(IntEnum):
    """The kinds of entries of a local folder."""

    FILE = 0
    """A file, or a symbolic link to one."""
    FOLDER = 1
    LINK_TO_FOLDER = 2
    OTHER = 3
    """A special file, such as a named pipe, or a symbolic link that leads nowhere."""


def entries(folder: str) -> list[tuple[str, bool]]:
    """Return the sorted names in a folder, each with whether it is a folder; empty if the folder does not exist.

    A symbolic link to a folder does not count as a folder.
    """
    if is_object_store(folder):
        return sorted(object_store.entries(folder))
    try:
        return sorted((name, kind == EntryKind.FOLDER) for name, kind in scan(folder))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unlistable(folder, error) from error


def is_folder(address: str) -> bool:
    """Return whether an address is a local folder, or has objects below it in an object store."""
    return object_store.is_folder(address) if is_object_store(address) else os.path.isdir(address)  # noqa: PTH112


def exists(address: str) -> bool:
    """Return whether there is a file or folder at an address."""
    return object_store.exists(address) if is_object_store(address) else os.path.exists(address)  # noqa: PTH110


def raise_error(error: MoodError) -> NoReturn:
    """Raise an error that a callback receives."""
    raise error


def scan(folder: str) -> list[tuple[str, EntryKind]]:
    """Return the names and kinds of the entries of a local folder; raise an `OSError` if it cannot be listed."""
    with os.scandir(folder or ".") as found:
        return [(entry.name, _kind(entry)) for entry in found]


def unlistable(folder: str, error: OSError | ValueError) -> UnreadableError:
    """Return the error of a local folder that cannot be listed."""
    return UnreadableError(f"cannot be listed: {first_line(error)}", where=escape(folder or "."))


def _kind(entry: os.DirEntry[str]) -> EntryKind:
    """Return the kind of an entry; only for symbolic links does this need another call of the operating system."""
    try:
        if entry.is_file():
            return EntryKind.FILE
        if entry.is_dir():
            return EntryKind.LINK_TO_FOLDER if entry.is_symlink() else EntryKind.FOLDER
    except OSError:  # such as links that refer to each other
        pass
    return EntryKind.OTHER
