"""Where files are: paths on this machine, and addresses in object stores and on web servers."""

from __future__ import annotations

import os

_STORES = ("s3", "gs", "az", "abfs", "abfss")


def is_object_store(address: str) -> bool:
    """Tell whether an address is in an object store.

    Parameters
    ----------
    address : str
        A path, or an address such as ``s3://bucket/folder``.

    Returns
    -------
    bool
        Whether it names an object store.

    Examples
    --------
    >>> is_object_store("s3://photos/2026"), is_object_store("photos/2026")
    (True, False)
    """
    scheme, separator, _ = address.partition("://")
    return bool(separator) and scheme.lower() in _STORES


def join(folder: str, name: str) -> str:
    """Name a file in a folder.

    Parameters
    ----------
    folder, name : str
        Address of the folder, and the file's name in it.

    Returns
    -------
    str
        The file's address.

    Examples
    --------
    >>> join("s3://photos/", "a.jpg")
    's3://photos/a.jpg'
    """
    return f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}"


def below(folder: str, address: str) -> str:
    """Say where an address is, wherever the process that reads it stands.

    Parameters
    ----------
    folder : str
        What a relative path starts from.
    address : str
        A path, or an address in an object store or on a web server.

    Returns
    -------
    str
        The address; a relative path is made absolute.

    Examples
    --------
    >>> below("/home/me", "a.jpg"), below("/home/me", "s3://photos/a.jpg")
    ('/home/me/a.jpg', 's3://photos/a.jpg')
    """
    return address if "://" in address else os.path.join(folder, address)  # noqa: PTH118 (names stay as they are)
