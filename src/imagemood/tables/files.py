"""Formats of table files, and reading and writing their content with or without compression."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from imagemood._files import is_stream, write_file
from imagemood._streams import read_standard_input
from imagemood._text import without_passwords
from imagemood.errors import InputError, TableError, first_line
from imagemood.tables.compression import compress, compression_of, decompress, name_in_archive
from imagemood.tables.formats import FORMATS


def format_of(
    path: str | Path,
    format: str | None = None,  # noqa: A002 (the option's name)
    *,
    formats: Iterable[str] = FORMATS,
    option: str | None = None,
) -> str:
    """Return the name of a file's format: `format` if given, otherwise that of the file name extension.

    Without `format`, the path ``-`` (standard input or output) is CSV, and so is a pipe, a device or a URL whose
    name has no known extension. The error of an unknown extension suggests those of `formats`, and the `option`
    of the command that selects a format.

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
    found = _format_of_name(_file_name(path))
    if found is not None:
        return found
    if is_address(path) or is_stream(path):
        return "csv"
    if str(path) and Path(path).is_dir():
        raise InputError("is a folder, not a file", where=str(path), hint="give the name of a file")
    hint = f"use one of {', '.join(extension for name in formats for extension in FORMATS[name].extensions)}"
    raise InputError(
        "unknown file name extension", where=str(path), hint=hint if option is None else f"{hint}, or {option}"
    )


def _format_of_name(name: str) -> str | None:
    uncompressed = PurePosixPath(name).with_suffix("") if compression_of(name) else PurePosixPath(name)
    extension = uncompressed.suffix.lower()
    return next((name for name, known in FORMATS.items() if extension in known.extensions), None)


def is_address(source: str | Path) -> bool:
    """Return whether a source is a URL or in an object store, and not a path.

    Examples
    --------
    >>> is_address("https://example.org/tags.csv"), is_address("s3://tags/a.csv"), is_address("C:/tags.csv")
    (True, True, False)
    """
    if ":" not in str(source):
        return False
    from imagemood.pictures.reading import urls  # noqa: PLC0415 (rarely needed)

    return urls.has_scheme(str(source))


def is_archive(source: str | Path) -> bool:
    """Return whether a file is a ZIP archive, by its file name extension."""
    return _file_name(source).lower().endswith(".zip")


def _file_name(source: str | Path) -> str:
    """Return the last part of a path, or of a URL without its query."""
    if not is_address(source):
        return Path(source).name
    try:
        return PurePosixPath(urlsplit(str(source)).path).name
    except ValueError:  # which reading the URL reports
        return ""


def name_of(source: str | Path) -> str:
    """Return the name of a file in error messages."""
    if str(source) == "-":
        return "standard input"
    return without_passwords(str(source), is_address=True) if is_address(source) else str(source)


def read_table(
    source: str | Path,
    format: str | None = None,  # noqa: A002
    *,
    formats: Iterable[str] = FORMATS,
) -> tuple[bytes, str]:
    """Return the decompressed content of a file and its format; `formats` are those that an error suggests.

    A ZIP archive contains one file, whose name determines the format if the name of the archive does not.
    """
    name = _file_name(source)
    if format is None and is_archive(source) and _format_of_name(name) is None:
        data = _read(source)
        inner = name_in_archive(data, name=name_of(source))
        return decompress(data, name, name=name_of(source)), format_of(inner, formats=formats)
    table_format = format_of(source, format, formats=formats)  # raises before the file is read
    return read_bytes(source), table_format


def read_bytes(source: str | Path) -> bytes:
    """Read a file, a URL, or standard input for ``-``, and decompress it; raise `TableError` if that fails.

    The errors of servers are those of `imagemood.pictures.reading.storage.read`.
    """
    if str(source) == "-":
        return read_standard_input()
    return decompress(_read(source), _file_name(source), name=name_of(source))


def _read(source: str | Path) -> bytes:
    if is_address(source):
        from imagemood.pictures.reading import storage  # noqa: PLC0415 (rarely needed)

        return storage.read(str(source))
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise TableError(f"cannot be read: {first_line(error)}", file=str(source)) from error


def write_bytes(data: bytes, path: str | Path) -> None:
    """Compress data and write them atomically, or write them to standard output for ``-``."""
    write_file(path, compress(data, path))
