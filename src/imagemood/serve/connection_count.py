"""The largest number of connections to a process, which depends on the number of files that it may open."""

from __future__ import annotations

import contextlib
from functools import cache

MAX_CONNECTIONS = 1000
"""Largest number of connections to a process; another one replaces the one that has been idle for the longest."""
_OTHER_FILES = 200  # that a process has open


@cache
def max_connections() -> int:
    """Return the largest number of connections to this process, for which it may open enough files."""
    try:
        import resource  # noqa: PLC0415 (does not exist on Windows)
    except ImportError:
        return MAX_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + _OTHER_FILES
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return max(1, min(MAX_CONNECTIONS, soft - _OTHER_FILES))
