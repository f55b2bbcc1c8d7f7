"""Limits on reading files, and on reading from servers and from standard input."""

from __future__ import annotations

from imagemood.errors import InputError

MAX_BYTES = 200_000_000
"""Largest content that is read from a file, a URL, an object store or standard input, for one picture."""
TIMEOUT_S = 20.0
"""Longest time, in seconds, to wait for a connection or for the next data from a server."""
TOTAL_TIMEOUT_S = 300.0
"""Longest time, in seconds, to read a URL, with all redirects and retries."""


def check_size(content: bytes, name: str) -> bytes:
    """Return the content, or raise an `InputError` if it exceeds `MAX_BYTES`."""
    check_length(len(content), name)
    return content


def check_length(n_bytes: int, name: str) -> None:
    """Raise an `InputError` if a number of bytes exceeds `MAX_BYTES`."""
    if n_bytes > MAX_BYTES:
        raise InputError(f"too large: more than {MAX_BYTES:,} bytes", where=name)
