"""The number of connections to a process, whose limit depends on the number of files that it may open."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagemood.serve.transport.connections import LimitedProtocol

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


def close_idle(connections: Collection[LimitedProtocol], n_max: int) -> bool:
    """Return whether another connection may be accepted, for which an idle one may have been closed.

    Connections that have never sent a request are closed first.
    """
    if len(connections) < n_max:
        return True
    idle = [
        (connection.cycle is not None, connection.idle_since, id(connection), connection)
        for connection in connections
        if connection.idle_since is not None and not connection.transport.is_closing()
    ]
    if idle:
        min(idle)[-1].transport.abort()
    return bool(idle)
