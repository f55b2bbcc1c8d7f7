"""Reads files at any address: paths, URLs, objects in object stores, and standard input."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.errors import InputError
from imagemood.pictures import addresses, endings, limits

if TYPE_CHECKING:
    import pyarrow as pa


def read(address: str) -> bytes:
    """Read a file, a URL, an object in an object store, or (``-``) standard input.

    Raises
    ------
    InputError
        If the file does not exist, cannot be read, or exceeds a limit.
    RemoteError
        If a server or an object store refuses or fails; `UnavailableError` if it failed on every attempt but may
        succeed later.
    """
    if not address:
        raise InputError("missing path")
    if address == "-":
        return limits.at_most(sys.stdin.buffer.read(limits.MAX_BYTES + 1), address)
    if addresses.is_url(address):
        from imagemood.pictures import http_client  # noqa: PLC0415 (httpx is slow to import)

        return http_client.read_url(address)
    if addresses.is_object_store(address):
        from imagemood.pictures import object_store  # noqa: PLC0415

        return object_store.read(address)
    try:
        return Path(address).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        raise InputError(_reason(error), where=address) from error


def is_rereadable(address: str) -> bool:
    """Return whether content should be read again rather than kept: not from standard input or a URL."""
    return address != "-" and not addresses.is_url(address)


def open_file(address: str) -> pa.NativeFile:
    """Open a file to read it in parts, decompressed if its name says that it is compressed.

    A URL is read as a whole. Raises as `read` does.
    """
    import pyarrow as pa  # noqa: PLC0415

    if addresses.is_url(address):
        source = pa.BufferReader(read(address))
    elif addresses.is_object_store(address):
        from imagemood.pictures import object_store  # noqa: PLC0415

        source = pa.PythonFile(object_store.open_file(address), mode="r")
    else:
        try:
            source = pa.OSFile(address)
        except OSError as error:
            raise InputError(_reason(error), where=address) from error
    compression = endings.compression(address)
    return pa.input_stream(source, compression=compression) if compression else source


def _reason(error: OSError | ValueError) -> str:
    code = getattr(error, "errno", None)  # the messages of pyarrow are longer than those of the system
    return os.strerror(code) if code else str(error)
