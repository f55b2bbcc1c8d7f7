"""Limits on reading from servers and from standard input."""

from __future__ import annotations

from imagemood.errors import InputError

MAX_BYTES = 200_000_000
"""Largest content that is read from a URL or from standard input."""
TIMEOUT_S = 20.0
"""Longest time, in seconds, to wait for a connection or for the next data from a server."""


def check_size(content: bytes, name: str) -> bytes:
    """Return the content, or raise an `InputError` if it exceeds `MAX_BYTES`."""
    if len(content) > MAX_BYTES:
        raise InputError(f"too large: more than {MAX_BYTES:,} bytes", where=name)
    return content
