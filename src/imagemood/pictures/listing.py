"""Lists folders, on this machine and in object stores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NoReturn

from imagemood.errors import InputError, MoodError
from imagemood.pictures import object_store
from imagemood.pictures.addresses import is_object_store, join

Parts = tuple[str, ...]
"""A relative path, split at the slashes."""
Enter = Callable[[Parts, bool], bool]
"""Given the path of a folder, and whether it is a symbolic link: whether to walk it."""


def entries(folder: str) -> list[tuple[str, bool]]:
    """Return the names in a folder, sorted, and whether each is a folder; nothing if the folder does not exist.

    Raises
    ------
    InputError
        If the folder cannot be listed.
    RemoteError
        If the object store refuses or fails.
    """
    if is_object_store(folder):
        return sorted(object_store.entries(folder))
    return sorted((name, is_folder and not is_link) for name, is_folder, is_link in _scan(folder))


def is_folder(address: str) -> bool:
    """Return whether there is a folder at an address; in an object store, whether there are objects below it."""
    return object_store.is_folder(address) if is_object_store(address) else os.path.isdir(address)  # noqa: PTH112


def exists(address: str) -> bool:
    """Return whether there is a file or folder at an address."""
    return object_store.exists(address) if is_object_store(address) else os.path.exists(address)  # noqa: PTH110


def fail(error: MoodError) -> NoReturn:
    """Raise the error."""
    raise error


def walk(folder: str, *, enter: Enter, on_error: Callable[[MoodError], object] = fail) -> Iterator[Parts]:
    """Yield the relative paths of the files below a folder, sorted by path.

    Only a part of the paths is in memory at a time.

    Parameters
    ----------
    folder : str
        The address of the folder; ``""`` is the working directory.
    enter : callable
        Decides which subfolders are walked. Object stores list all objects below an address at once, so there
        it is not called; the caller has to filter what is yielded.
    on_error : callable
        Called with the error of a folder that cannot be listed; the walk then continues with the next one.
        By default the error is raised.
    """
    try:
        if is_object_store(folder):
            yield from object_store.walk(folder)
            return
    except MoodError as error:
        on_error(error)
        return
    yield from _walk(folder, (), enter, on_error)


def _walk(folder: str, parts: Parts, enter: Enter, on_error: Callable[[MoodError], object]) -> Iterator[Parts]:
    try:
        found = _scan(folder)
    except MoodError as error:
        on_error(error)
        return
    # With a slash after the names of folders, the paths come in the order that sorting them as text would give.
    for name, is_folder_, is_link in sorted(found, key=lambda entry: entry[0] + "/" * entry[1]):
        below = (*parts, name)
        if not is_folder_:
            yield below
        elif enter(below, is_link):
            yield from _walk(join(folder, name) if folder else name, below, enter, on_error)


def _scan(folder: str) -> list[tuple[str, bool, bool]]:
    """Return name, whether it is a folder, and whether it is a symbolic link, for each entry of a local folder."""
    try:
        with os.scandir(folder or ".") as found:
            return [(entry.name, entry.is_dir(), entry.is_symlink()) for entry in found]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"cannot be listed: {error.strerror}", where=folder) from error
