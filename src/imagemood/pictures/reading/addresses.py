"""Addresses of files (local paths, URLs, objects in object stores), and the file types that they show."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath

from imagemood import _extras
from imagemood.pictures.formats import picture_extensions
from imagemood.pictures.reading import urls

_OBJECT_STORES = ("s3", "gs", "az", "abfs", "abfss")
_TABLE_FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".csv": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
}
_COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}


def is_object_store(address: str) -> bool:
    """Return whether an address is in an object store.

    Examples
    --------
    >>> is_object_store("s3://photos/2026"), is_object_store("photos/2026")
    (True, False)
    """
    scheme, separator, _ = address.partition("://")
    return bool(separator) and scheme.lower() in _OBJECT_STORES


def require_extra(address: str) -> None:
    """Raise `MissingExtraError` if the extra that reads an address is not installed."""
    if urls.is_web(address):
        _extras.require("web")
    elif is_object_store(address):
        _extras.require("cloud")


def is_remote(address: str) -> bool:
    """Return whether an address is a URL that can be read, or in an object store; it is not a path then.

    Examples
    --------
    >>> is_remote("s3://photos/a.jpg"), is_remote("data:,"), is_remote("ftp://example.org"), is_remote("a.jpg")
    (True, True, False, False)
    """
    return urls.is_web(address) or urls.is_data(address) or is_object_store(address)


def join(folder: str, name: str) -> str:
    """Return the address of a file in a folder.

    Examples
    --------
    >>> join("s3://photos/", "a.jpg")
    's3://photos/a.jpg'
    """
    return f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}"


def absolute(folder: str, address: str) -> str:
    """Resolve a relative path against a folder; other addresses are returned unchanged.

    Examples
    --------
    >>> absolute("/home/me", "a.jpg"), absolute("/home/me", "s3://photos/a.jpg")
    ('/home/me/a.jpg', 's3://photos/a.jpg')
    """
    return address if urls.has_scheme(address) else os.path.join(folder, address)  # noqa: PTH118 (keeps ./ and ../ as given)


def is_picture(address: str) -> bool:
    """Return whether a file has the extension of a picture.

    Examples
    --------
    >>> is_picture("photos/a.JPG"), is_picture("photos/notes.txt")
    (True, False)
    """
    return PurePosixPath(address).suffix.lower() in picture_extensions()


def table_format(address: str) -> str | None:
    """Return the format of a table: parquet, arrow, csv or json; None if the file is not a table.

    Examples
    --------
    >>> table_format("s3://lists/photos.csv.gz"), table_format("photo.jpg")
    ('csv', None)
    >>> table_format("https://example.org/train.parquet?download=true")
    'parquet'
    """
    name = _path(address)
    for extension in _COMPRESSIONS:
        name = name.removesuffix(extension)
    return next((format_ for extension, format_ in _TABLE_FORMATS.items() if name.endswith(extension)), None)


def compression(address: str) -> str | None:
    """Return the compression format of a file: gzip, bz2 or zstd; None if it is not compressed.

    Examples
    --------
    >>> compression("photos.csv.gz"), compression("photos.csv")
    ('gzip', None)
    """
    name = _path(address)
    return next((format_ for extension, format_ in _COMPRESSIONS.items() if name.endswith(extension)), None)


def _path(address: str) -> str:
    """Return an address in lower case, and a URL without its query and its fragment."""
    return re.split(r"[?#]", urls.clean(address))[0].lower() if urls.is_web(address) else address.lower()
