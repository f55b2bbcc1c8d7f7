"""Limits on what is read."""

from __future__ import annotations

from imagemood.errors import InputError

MAX_BYTES = 200_000_000
"""Largest content that is read from a URL or from standard input."""
TIMEOUT_S = 20.0
"""How long a server may stay silent."""


def at_most(content: bytes, name: str) -> bytes:
    """Raise if content exceeds `MAX_BYTES`."""
    if len(content) > MAX_BYTES:
        raise InputError(f"too large: more than {MAX_BYTES:,} bytes", where=name)
    return content
