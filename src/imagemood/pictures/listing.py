"""What lies in folders, on this machine or in an object store."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pyarrow.fs as pafs

from imagemood.errors import InputError, RemoteError, first_line
from imagemood.pictures.addresses import is_object_store
from imagemood.pictures.storage import FAILURES, resolve


def entries(folder: str) -> Iterator[tuple[str, bool]]:
    """List what is in a folder.

    Parameters
    ----------
    folder : str
        Its address.

    Yields
    ------
    str, bool
        Name of a file or folder, and whether it is a folder; sorted. Nothing if there is no such folder.

    Raises
    ------
    InputError
        If it cannot be listed.
    RemoteError
        If the store refuses or fails.
    """
    try:
        if is_object_store(folder):
            store, path = resolve(folder)
            infos = store.get_file_info(pafs.FileSelector(path, allow_not_found=True))
            found = [(info.base_name, info.type == pafs.FileType.Directory) for info in infos]
        else:
            with os.scandir(folder or ".") as listed:
                found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in listed]
    except FileNotFoundError:
        return
    except FAILURES as error:
        kind = RemoteError if is_object_store(folder) else InputError
        raise kind(f"cannot be listed: {first_line(error)}", where=folder) from error
    yield from sorted(found)


def is_folder(address: str) -> bool:
    """Tell whether there is a folder at an address.

    Parameters
    ----------
    address : str
        Where to look.

    Returns
    -------
    bool
        Whether it is a folder; in an object store, whether there are objects below it.

    Raises
    ------
    RemoteError
        If the store refuses or fails.
    """
    return bool(_kind(address) == pafs.FileType.Directory)


def exists(address: str) -> bool:
    """Tell whether there is a file or folder at an address.

    Parameters
    ----------
    address : str
        Where to look.

    Returns
    -------
    bool
        Whether there is one.

    Raises
    ------
    RemoteError
        If the store refuses or fails.
    """
    return bool(_kind(address) != pafs.FileType.NotFound)


def _kind(address: str) -> pafs.FileType:
    store, path = resolve(address)
    try:
        return store.get_file_info(path).type
    except FAILURES as error:
        raise RemoteError(f"cannot be reached: {first_line(error)}", where=address) from error
