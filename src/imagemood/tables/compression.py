"""Compression of table files. To add a method, add an entry to `COMPRESSIONS`."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imagemood import _extras
from imagemood.errors import TableError


@dataclass(frozen=True)
class Compression:
    """A compression method."""

    extension: str  # in lower case, with its dot
    compress: Callable[[bytes], bytes]
    decompress: Callable[[bytes], bytes]
    arrow_name: str | None  # name in pyarrow, which can decompress in parts; None if pyarrow lacks the method


def _zstd_compress(data: bytes) -> bytes:
    with _extras.needs("tables"):
        import pyarrow as pa  # noqa: PLC0415 (slow to import)

    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


def _zstd_decompress(data: bytes) -> bytes:
    with _extras.needs("tables"):
        import pyarrow as pa  # noqa: PLC0415

    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return bytes(stream.read())


def _zip_compress(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("table"), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _zip_decompress(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(_only_file(archive))


def _only_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """Return the only file of an archive, apart from the metadata that macOS adds."""
    files = [entry for entry in archive.infolist() if not (entry.is_dir() or _is_metadata(entry.filename))]
    if len(files) != 1:
        raise _NotOneFileError(len(files))
    if files[0].flag_bits & _IS_ENCRYPTED:
        raise zipfile.BadZipFile
    return files[0]


_IS_ENCRYPTED = 1


def _is_metadata(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"


class _NotOneFileError(Exception):
    """An archive contains no file, or several."""

    def __init__(self, n_files: int) -> None:
        super().__init__(f"the archive contains {n_files} files instead of one")


def name_in_archive(data: bytes, *, name: str) -> str:
    """Return the name of the only file in a ZIP archive; raise `TableError` if there is none, or several."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _only_file(archive).filename
    except (*_ERRORS, _NotOneFileError) as error:
        raise _error(error, "archive.zip", name) from error


COMPRESSIONS = {
    compression.extension: compression
    for compression in (
        Compression(".gz", lambda data: gzip.compress(data, mtime=0), gzip.decompress, "gzip"),
        Compression(".bz2", bz2.compress, bz2.decompress, "bz2"),
        Compression(".xz", lzma.compress, lzma.decompress, None),
        Compression(".zst", _zstd_compress, _zstd_decompress, "zstd"),
        Compression(".zip", _zip_compress, _zip_decompress, None),
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


def decompress(data: bytes, path: str | Path, *, name: str | None = None) -> bytes:
    """Decompress data according to the file name extension.

    `TableError` is raised if the data are invalid. Its message contains `name`, by default `path`.
    """
    compression = compression_of(path)
    if compression is None:
        return data
    try:
        return compression.decompress(data)
    except (*_ERRORS, _NotOneFileError) as error:
        raise _error(error, path, name) from error


_ERRORS = (OSError, EOFError, ValueError, NotImplementedError, lzma.LZMAError, zlib.error, zipfile.BadZipFile)


def _error(error: Exception, path: str | Path, name: str | None) -> TableError:
    is_valid = isinstance(error, _NotOneFileError)
    what = str(error) if is_valid else f"not a valid {Path(path).suffix.lower()} file"
    return TableError(what, file=name or str(path))
