"""File types, recognised by the ending of the name."""

from __future__ import annotations

from pathlib import PurePosixPath

PICTURE_ENDINGS = frozenset(
    [
        ".avif",
        ".bmp",
        ".gif",
        ".jfif",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".pgm",
        ".png",
        ".ppm",
        ".tif",
        ".tiff",
        ".webp",
    ]
)
"""Endings of the files in a folder that are taken as pictures."""
_TABLES = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".jsonl": "json", ".ndjson": "json"}
_COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}


def is_picture(address: str) -> bool:
    """Return whether a file in a folder is taken as a picture.

    Examples
    --------
    >>> is_picture("photos/a.JPG"), is_picture("photos/notes.txt")
    (True, False)
    """
    return PurePosixPath(address).suffix.lower() in PICTURE_ENDINGS


def table_format(address: str) -> str | None:
    """Return the format of a table: parquet, csv or json; None if the file is not a table.

    Examples
    --------
    >>> table_format("s3://lists/photos.csv.gz"), table_format("photo.jpg")
    ('csv', None)
    """
    name = address.lower()
    for ending in _COMPRESSIONS:
        name = name.removesuffix(ending)
    return next((kind for ending, kind in _TABLES.items() if name.endswith(ending)), None)


def compression(address: str) -> str | None:
    """Return the compression format of a file: gzip, bz2 or zstd; None if it is not compressed.

    Examples
    --------
    >>> compression("photos.csv.gz"), compression("photos.csv")
    ('gzip', None)
    """
    return next((kind for ending, kind in _COMPRESSIONS.items() if address.lower().endswith(ending)), None)
