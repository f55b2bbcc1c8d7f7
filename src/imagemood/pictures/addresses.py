"""Addresses: paths on this machine, URLs, and addresses in object stores."""

from __future__ import annotations

import os

_OBJECT_STORES = ("s3", "gs", "az", "abfs", "abfss")


def is_url(address: str) -> bool:
    """Return whether an address is on a web server.

    Examples
    --------
    >>> is_url("HTTPS://example.org/a.jpg"), is_url("https.jpg")
    (True, False)
    """
    return address.lower().startswith(("http://", "https://"))


def is_object_store(address: str) -> bool:
    """Return whether an address is in an object store.

    Examples
    --------
    >>> is_object_store("s3://photos/2026"), is_object_store("photos/2026")
    (True, False)
    """
    scheme, separator, _ = address.partition("://")
    return bool(separator) and scheme.lower() in _OBJECT_STORES


def join(folder: str, name: str) -> str:
    """Return the address of a file in a folder.

    Examples
    --------
    >>> join("s3://photos/", "a.jpg")
    's3://photos/a.jpg'
    """
    return f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}"


def absolute(folder: str, address: str) -> str:
    """Return an address that does not depend on the working directory: relative paths start from a folder.

    Examples
    --------
    >>> absolute("/home/me", "a.jpg"), absolute("/home/me", "s3://photos/a.jpg")
    ('/home/me/a.jpg', 's3://photos/a.jpg')
    """
    return address if "://" in address else os.path.join(folder, address)  # noqa: PTH118 (names stay as they are)
