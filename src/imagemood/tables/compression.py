"""Compression of table files. To add a method, add an entry to `COMPRESSIONS`."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from imagemood.errors import TableError


@dataclass(frozen=True)
class Compression:
    """A compression method."""

    extension: str  # in lower case, with its dot
    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes], bytes]
    arrow_name: str | None  # name in pyarrow, which can decompress in parts; None if pyarrow lacks the method


def _zstd_compress(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


def _zstd_decompress(data: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return bytes(stream.read())


COMPRESSIONS = {
    compression.extension: compression
    for compression in (
        Compression(".gz", lambda data: gzip.compress(data, mtime=0), gzip.decompress, "gzip"),
        Compression(".bz2", bz2.compress, bz2.decompress, "bz2"),
        Compression(".xz", lzma.compress, lzma.decompress, None),
        Compression(".zst", _zstd_compress, _zstd_decompress, "zstd"),
    )
}
"""The compression methods, by file name extension."""


def compression_of(path: str | Path) -> Compression | None:
    """Return the compression method for the file name extension, or None."""
    return COMPRESSIONS.get(Path(path).suffix.lower())


def compress(data: bytes, path: str | Path) -> bytes:
    """Compress data if the file name extension is that of a compression method."""
    compression = compression_of(path)
    return data if compression is None else compression.compress(data)


def decompress(data: bytes, path: str | Path) -> bytes:
    """Decompress data according to the file name extension; raise `TableError` if the data are invalid."""
    compression = compression_of(path)
    if compression is None:
        return data
    try:
        return compression.decompress(data)
    except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error) as error:
        raise TableError(f"not a valid {compression.extension} file", file=str(path)) from error
