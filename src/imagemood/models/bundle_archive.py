"""Reads files from the archive of an Acumos bundle, within limits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imagemood.errors import ModelDirectoryError, first_line
from imagemood.models.model_files import MAX_NETWORK_BYTES, read_file

_FOLDER = "scripts/user_provided/"  # where a bundle has the files of its model
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MAX_DIRECTORY_BYTES = 16 * 2**20  # of the list of all files in the archive
_MAX_RATIO, _MAX_BYTES_OF_ANY_RATIO = 100, 2**20
_CHUNK_BYTES = 2**20
_ENCRYPTED = 1  # in the flags of an entry


class BundleArchive:
    """The files of a model in the archive of a bundle."""

    def __init__(self, archive: zipfile.ZipFile, where: str) -> None:
        self._archive = archive
        self._where = where

    def place_of(self, name: str) -> str:
        """Return the place of a file, for error messages."""
        return f"{self._where}/{_FOLDER}{name}"

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """Decompress a file; raise `ModelDirectoryError` if it is missing, damaged, or not plainly compressed."""
        where = self.place_of(name)
        entries = [entry for entry in self._archive.infolist() if entry.filename == _FOLDER + name]
        if len(entries) != 1:
            problem = f"the archive contains {len(entries)} files of this name" if entries else "No such file"
            raise ModelDirectoryError(f"cannot be read: {problem} in the archive", where=where)
        _check_entry(entries[0], where, max_bytes)
        try:
            with self._archive.open(entries[0]) as file:  # in chunks, because the declared size may be wrong
                return b"".join(iter(lambda: file.read(_CHUNK_BYTES), b""))
        except Exception as error:  # zipfile and zlib raise a dozen unrelated classes
            raise ModelDirectoryError(f"damaged in the archive: {first_line(error)}", where=where) from error


@contextmanager
def open_archive(path: Path) -> Iterator[BundleArchive]:
    """Open the archive of a bundle."""
    where = str(path)
    content = read_file(path, max_bytes=MAX_NETWORK_BYTES, folder=path.parent, error_class=ModelDirectoryError)
    file = _ArchiveFile(content)
    try:
        archive = zipfile.ZipFile(file)
    except Exception as error:  # zipfile raises a dozen unrelated classes
        raise ModelDirectoryError(f"not a valid zip file: {first_line(error)}", where=where) from error
    file.is_limited = False
    with archive:
        yield BundleArchive(archive, where)


class _ArchiveFile(io.BytesIO):
    """The content of an archive, of which `zipfile` first reads the list of all files at once."""

    is_limited = True

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        if self.is_limited and len(content) > _MAX_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("too many files")
        return content


def _check_entry(entry: zipfile.ZipInfo, where: str, max_bytes: int) -> None:
    """Check what the archive declares about a file; `zipfile` decompresses no more than the declared size."""
    if entry.flag_bits & _ENCRYPTED:
        raise ModelDirectoryError("encrypted", where=where, hint="write the archive without a password")
    if entry.compress_type not in _COMPRESSIONS:
        raise ModelDirectoryError(
            f"unsupported compression method {entry.compress_type}", where=where, hint="use deflate"
        )
    if entry.file_size > max_bytes:
        raise ModelDirectoryError(f"too large: more than {max_bytes:,} bytes", where=where)
    if entry.file_size > max(_MAX_BYTES_OF_ANY_RATIO, _MAX_RATIO * entry.compress_size):
        raise ModelDirectoryError(f"compressed to less than 1/{_MAX_RATIO} of its size", where=where)
