"""Lists local folders, and folders in object stores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NoReturn

from imagemood.errors import InputError, MoodError
from imagemood.pictures import object_store
from imagemood.pictures.addresses import is_object_store, join
from imagemood.pictures.names import escape

Parts = tuple[str, ...]
"""A relative path, split at the slashes."""
Enter = Callable[[Parts, bool], bool]
"""Decides whether to enter a folder, from its path and whether it is a symbolic link."""
OnError = Callable[[MoodError], object]
"""Called with the error of a folder that cannot be listed."""


def entries(folder: str) -> list[tuple[str, bool]]:
    """Return the sorted names in a folder, each with whether it is a folder; empty if the folder does not exist.

    A symbolic link to a folder does not count as a folder.
    """
    if is_object_store(folder):
        return sorted(object_store.entries(folder))
    return sorted((name, is_folder and not is_link) for name, is_folder, is_link in _scan(folder))


def is_folder(address: str) -> bool:
    """Return whether an address is a local folder, or has objects below it in an object store."""
    return object_store.is_folder(address) if is_object_store(address) else os.path.isdir(address)  # noqa: PTH112


def exists(address: str) -> bool:
    """Return whether there is a file or folder at an address."""
    return object_store.exists(address) if is_object_store(address) else os.path.exists(address)  # noqa: PTH110


def raise_error(error: MoodError) -> NoReturn:
    """Raise an error that a callback receives."""
    raise error


def walk(folder: str, *, enter: Enter, on_error: OnError = raise_error) -> Iterator[Parts]:
    """Yield the relative paths of the files below a folder, sorted by path, without holding all of them in memory.

    Parameters
    ----------
    folder : str
        The address of the folder; ``""`` is the working directory.
    enter : callable
        Decides which subfolders are entered. It is not called for object stores, which list all objects below an
        address at once, so the caller has to filter the paths.
    on_error : callable
        Called with the error of each folder that cannot be listed; the walk then continues with the next folder.
        By default, the error is raised.
    """
    if not is_object_store(folder):
        yield from _walk_local(folder, (), enter, on_error)
        return
    try:
        yield from object_store.walk(folder)
    except MoodError as error:
        on_error(error)


def _walk_local(folder: str, parts: Parts, enter: Enter, on_error: OnError) -> Iterator[Parts]:
    try:
        found = _scan(folder)
    except MoodError as error:
        on_error(error)
        return
    # Folders are sorted as if their names ended with a slash, so that the paths are sorted as text.
    for name, is_folder_, is_link in sorted(found, key=lambda entry: entry[0] + "/" * entry[1]):
        below = (*parts, name)
        if not is_folder_:
            yield below
        elif enter(below, is_link):
            yield from _walk_local(join(folder, name) if folder else name, below, enter, on_error)


def _scan(folder: str) -> list[tuple[str, bool, bool]]:
    """Return the entries of a local folder: name, whether it is a folder, and whether it is a symbolic link."""
    try:
        with os.scandir(folder or ".") as found:
            return [(entry.name, entry.is_dir(), entry.is_symlink()) for entry in found]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"cannot be listed: {error.strerror}", where=escape(folder)) from error
