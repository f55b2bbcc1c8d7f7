"""Which format a file has, and its bytes, compressed or not."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from imagemood._files import atomic_file
from imagemood.errors import InputError, TagFileError

FORMATS = ("csv", "jsonl", "parquet", "protobuf")

_ENDINGS = {
    ".csv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".pb": "protobuf",
    ".protobuf": "protobuf",
}


def _zstd_compress(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


def _zstd_decompress(data: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return bytes(stream.read())


_COMPRESSIONS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    ".gz": (lambda data: gzip.compress(data, mtime=0), gzip.decompress),
    ".bz2": (bz2.compress, bz2.decompress),
    ".xz": (lzma.compress, lzma.decompress),
    ".zst": (_zstd_compress, _zstd_decompress),
}


def format_of(path: str | Path, format: str | None = None) -> str:  # noqa: A002 (the option's name)
    """Tell the format of a file by what the user says, or else by the file's ending.

    Parameters
    ----------
    path : str or Path
        The file; ``-`` is standard input or output, CSV unless said otherwise.
    format : str, optional
        One of `FORMATS`.

    Returns
    -------
    str
        One of `FORMATS`.

    Raises
    ------
    InputError
        If neither tells.

    Examples
    --------
    >>> format_of("tags.csv.gz"), format_of("tags.parquet"), format_of("tags", "jsonl")
    ('csv', 'parquet', 'jsonl')
    """
    if format is not None:
        if format not in FORMATS:
            raise InputError(f"unknown format '{format}'", hint=f"one of {', '.join(FORMATS)}")
        return format
    if str(path) == "-":
        return "csv"
    endings = [ending.lower() for ending in Path(path).suffixes]
    if endings and endings[-1] in _COMPRESSIONS:
        endings.pop()
    if not endings or endings[-1] not in _ENDINGS:
        known = ", ".join(_ENDINGS)
        raise InputError(
            "its ending does not tell its format",
            where=str(path),
            hint=f"known are {known}; or give --format",
        )
    return _ENDINGS[endings[-1]]


def read_bytes(path: str | Path) -> bytes:
    """Read a file whole, decompressing it where its ending says so.

    Parameters
    ----------
    path : str or Path
        The file; ``-`` is standard input.

    Returns
    -------
    bytes
        The content.

    Raises
    ------
    TagFileError
        If it cannot be read, or is not compressed the way its ending says.
    """
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise TagFileError(f"cannot be read: {error.strerror}", file=str(path)) from error
    ending = Path(path).suffix.lower()
    if ending not in _COMPRESSIONS:
        return data
    try:
        return _COMPRESSIONS[ending][1](data)
    except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error) as error:
        raise TagFileError(f"is not what its ending {ending} says", file=str(path)) from error


def read_parquet(data: bytes) -> pa.Table:
    """Parse a Parquet file that is in memory.

    Arrow's own threads are left out: where a process ends soon after, one of them now and then outlives it and
    aborts it (apache/arrow issue 34314).

    Parameters
    ----------
    data : bytes
        The file's content.

    Returns
    -------
    pyarrow.Table
        Its columns.

    Raises
    ------
    pyarrow.ArrowException
        If it is no Parquet file.
    """
    return pq.read_table(pa.BufferReader(data), use_threads=False, pre_buffer=False)


def write_bytes(data: bytes, path: str | Path) -> None:
    """Write a file whole or not at all, compressing it where its ending says so.

    Parameters
    ----------
    data : bytes
        The content.
    path : str or Path
        The file; ``-`` is standard output.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    ending = Path(path).suffix.lower()
    if ending in _COMPRESSIONS:
        data = _COMPRESSIONS[ending][0](data)
    with atomic_file(path) as beside:
        beside.write_bytes(data)
