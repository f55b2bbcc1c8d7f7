"""Formats of table files, and reading and writing their content with or without compression."""

from __future__ import annotations

from pathlib import Path

from imagemood._files import is_stream, write_file, write_standard_output
from imagemood._streams import read_standard_input
from imagemood.errors import InputError, TableError, first_line
from imagemood.tables.compression import compress, compression_of, decompress
from imagemood.tables.formats import FORMATS


def format_of(path: str | Path, format: str | None = None) -> str:  # noqa: A002 (the option's name)
    """Return the name of a file's format: `format` if given, otherwise that of the file name extension.

    Without `format`, the path ``-`` (standard input or output) is CSV, and so is a pipe or a device whose name has
    no known extension.

    Examples
    --------
    >>> format_of("tags.csv.gz"), format_of("tags.parquet"), format_of("tags", "jsonl")
    ('csv', 'parquet', 'jsonl')
    """
    if format is not None:
        if format not in FORMATS:
            raise InputError(f"unknown format '{format}'", hint=f"use one of {', '.join(FORMATS)}")
        return str(format)
    if str(path) == "-":
        return "csv"
    uncompressed = Path(path).with_suffix("") if compression_of(path) else Path(path)
    extension = uncompressed.suffix.lower()
    for name, table_format in FORMATS.items():
        if extension in table_format.extensions:
            return name
    if is_stream(path):
        return "csv"
    known = ", ".join(extension for table_format in FORMATS.values() for extension in table_format.extensions)
    raise InputError("unknown file name extension", where=str(path), hint=f"use one of {known}, or --format")


def name_of(source: str | Path) -> str:
    """Return the name of a file in error messages."""
    return "standard input" if str(source) == "-" else str(source)


def read_bytes(path: str | Path) -> bytes:
    """Read a file, or standard input for ``-``, and decompress it; raise `TableError` if that fails."""
    if str(path) == "-":
        return read_standard_input()
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise TableError(f"cannot be read: {first_line(error)}", file=str(path)) from error
    return decompress(data, path)


def write_bytes(data: bytes, path: str | Path) -> None:
    """Compress data and write them atomically, or write them to standard output for ``-``."""
    if str(path) == "-":
        write_standard_output(data)
    else:
        write_file(path, compress(data, path))
