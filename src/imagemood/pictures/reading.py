"""Reads the content of one picture file, wherever it is."""

from __future__ import annotations

import sys
from pathlib import Path

from imagemood.errors import InputError
from imagemood.pictures import addresses, limits


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
        raise InputError("has no path")
    if address == "-":
        return limits.at_most(sys.stdin.buffer.read(limits.MAX_BYTES + 1), address)
    if addresses.is_url(address):
        from imagemood.pictures import http_client  # noqa: PLC0415 (httpx is slow to import)

        return http_client.read_url(address)
    if addresses.is_object_store(address):
        from imagemood.pictures import storage  # noqa: PLC0415 (pyarrow.fs is slow to import)

        return storage.read(address)
    try:
        return Path(address).read_bytes()
    except OSError as error:
        raise InputError(error.strerror or str(error), where=address) from error


def is_rereadable(address: str) -> bool:
    """Return whether content can be read twice; standard input cannot, and a URL should not."""
    return address != "-" and not addresses.is_url(address)
