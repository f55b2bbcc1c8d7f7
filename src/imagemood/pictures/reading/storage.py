"""Reads, writes and removes files at any address, and reads standard input."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood import _extras
from imagemood._files import write_file
from imagemood._streams import read_standard_input
from imagemood.errors import InputError
from imagemood.pictures.names import of_address
from imagemood.pictures.reading import addresses, data_urls, limits, local_files, object_store, urls

if TYPE_CHECKING:
    import pyarrow as pa


def read(address: str, *, allow_special: bool = True) -> bytes:
    """Read a file, a URL, an object in an object store, or (``-``) standard input.

    Parameters
    ----------
    address : str
        Where the content is.
    allow_special : bool
        Whether the address may be that of standard input, a pipe or a device. Otherwise, ``-`` is a file name.

    Raises
    ------
    InputError
        If the file does not exist, cannot be read, or exceeds a limit.
    RemoteError
        If a server or an object store refuses the request or fails; `UnavailableError` if every attempt failed but
        a later one may succeed.
    """
    if not address:
        raise InputError("missing path")
    if address == "-" and allow_special:
        return limits.check_size(read_standard_input(limits.MAX_BYTES + 1, name="-"), "-")
    if urls.is_web(address):
        _extras.require("web")  # several threads may import the module at the same time
        from imagemood.pictures.reading import http_client  # noqa: PLC0415 (httpx is slow to import)

        return http_client.read_url(address)
    if addresses.is_object_store(address):
        return object_store.read(address)
    if urls.is_data(address):
        return data_urls.decode(address, limits.MAX_BYTES)
    return local_files.read(_path(address), allow_special=allow_special)


def is_rereadable(address: str, *, allow_special: bool = True) -> bool:
    """Return whether `read` can be called more than once; the server of a URL may respond with other content."""
    if urls.is_web(address):
        return False
    if not allow_special or addresses.is_remote(address):
        return True
    return address != "-" and not local_files.is_special(address)


def version(address: str) -> tuple[int, int | str]:
    """Return numbers that change if a file changes: its size and modification time, or an object's size and tag.

    They are zero for a file that cannot be examined.
    """
    try:
        if addresses.is_object_store(address):
            return object_store.version(address)
        state = os.stat(address)  # noqa: PTH116 (a path may be invalid)
    except (OSError, ValueError):  # includes InputError
        return 0, 0
    return state.st_size, state.st_mtime_ns


def open_file(address: str) -> pa.NativeFile:
    """Open a file to read it in parts, and decompress it if its extension is that of a compressed file.

    A URL is read as a whole. The errors are those of `read`.
    """
    import pyarrow as pa  # noqa: PLC0415 (slow to import)

    source = _open(address)
    compression = addresses.compression(address)
    return pa.input_stream(source, compression=compression) if compression else source


def map_file(address: str) -> pa.NativeFile:
    """Open a file as `open_file` does, but map a local file into memory, so that skipping parts takes no time."""
    import pyarrow as pa  # noqa: PLC0415

    if addresses.is_remote(address) or addresses.compression(address):
        return open_file(address)
    path = _path(address)
    with _open(address) as file:  # raises the errors of special files
        if not file.size():  # which cannot be mapped
            return pa.BufferReader(b"")
    try:
        return pa.memory_map(os.fsencode(path))
    except (OSError, ValueError) as error:
        raise InputError(local_files.reason(error, address), where=of_address(address)) from error


def size(address: str) -> int:
    """Return the size of a file in bytes, without decompressing it."""
    with _open(address) as file:
        return int(file.size())


def _open(address: str) -> pa.NativeFile:
    import pyarrow as pa  # noqa: PLC0415

    if urls.is_web(address):
        return pa.BufferReader(read(address))
    if addresses.is_object_store(address):
        return pa.PythonFile(object_store.open_file(address), mode="r")
    path = _path(address)
    local_files.check_not_special(path)  # tables are opened more than once
    try:
        return pa.OSFile(os.fsencode(path))
    except (OSError, ValueError) as error:
        raise InputError(local_files.reason(error, address), where=of_address(address)) from error


def write(address: str, content: bytes) -> None:
    """Write a local file or an object atomically, and create missing folders."""
    if addresses.is_object_store(address):
        object_store.write(address, content)
        return
    write_file(address, content, parents=True)


def remove(address: str) -> None:
    """Remove a local file or an object, if it exists."""
    if addresses.is_object_store(address):
        object_store.remove(address)
        return
    try:
        Path(address).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"cannot be removed: {error.strerror}", where=address) from error


def _path(address: str) -> str:
    """Return the path of a file that is not remote; raise `InputError` for a URL that cannot be read."""
    path = urls.local_path(address)
    if path is None:
        urls.check_path(address)
    return address if path is None else path
