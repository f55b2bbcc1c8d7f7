"""The TLS handshakes of clients, which count as connections, and whose time is limited.

The event loop would otherwise accept any number of connections before their handshakes, for a minute each.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import Collection
from socket import SHUT_RDWR, socket
from typing import Any, cast

from uvicorn.server import ServerState

from imagemood.serve.transport.connection_count import close_idle, max_connections
from imagemood.serve.transport.connections import HEAD_TIMEOUT_S, LimitedProtocol


class TlsHandshake(asyncio.Protocol):
    """A connection of a client that has no protocol for requests before the end of its handshake.

    Until then, it is one of the connections of the server, and has the attributes of those.

    Parameters
    ----------
    context : SSLContext
        The certificate and the settings of TLS.
    server_state : ServerState
        The connections of the server.
    **options
        Further options of the protocol for requests.

    Attributes
    ----------
    idle_since : float
        The time of the event loop at which the connection was accepted.
    cycle : None
        No request has been received.
    transport : object
        Closes the connection.
    """

    def __init__(self, context: ssl.SSLContext, *, server_state: ServerState, **options: Any) -> None:
        self.idle_since = 0.0
        self.cycle = None
        self.transport: _Abortable
        self._context = context
        self._state = server_state
        self._options = options

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept a connection, in place of an idle one if there are too many."""
        connections = cast("Collection[LimitedProtocol]", self._state.connections)
        accepted = _duplicate(transport) if close_idle(connections, max_connections()) else None
        cast("asyncio.Transport", transport).abort()
        if accepted is None:  # no response is possible
            return
        loop = asyncio.get_running_loop()
        self.idle_since = loop.time()
        self.transport = _Abortable(accepted)
        self._connections.add(self)
        self._task = loop.create_task(self._shake_hands(loop, accepted))

    @property
    def _connections(self) -> set[Any]:
        return cast("set[Any]", self._state.connections)

    async def _shake_hands(self, loop: asyncio.AbstractEventLoop, accepted: socket) -> None:
        """Perform the handshake and switch to the protocol for requests, or close the connection if it fails."""
        try:
            if self.transport.is_closing():  # several connections were accepted at the same time
                raise ConnectionAbortedError
            await loop.connect_accepted_socket(
                lambda: _TlsProtocol(self, server_state=self._state, **self._options),
                accepted,
                ssl=self._context,
                ssl_handshake_timeout=HEAD_TIMEOUT_S,
            )
        except OSError:  # including errors of TLS, and the time limit
            accepted.close()
        finally:
            self._connections.discard(self)

    def check_deadline(self, now: float) -> None:
        """Leave the time limit to the event loop."""

    def shutdown(self) -> None:
        """Close the connection when the server stops."""
        self.transport.abort()


def _duplicate(transport: asyncio.BaseTransport) -> socket | None:
    """Return the socket of a connection, from which the event loop has never read; this is necessary for TLS."""
    try:
        return socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
    except OSError:  # too many files are open
        return None


class _TlsProtocol(LimitedProtocol):
    """A connection of a client after its handshake, which it replaces in the number of connections."""

    def __init__(self, handshake: TlsHandshake, **options: Any) -> None:
        super().__init__(**options)
        self._handshake = handshake

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept requests."""
        cast("set[Any]", self.connections).discard(self._handshake)
        super().connection_made(transport)


class _Abortable:
    """Closes a connection during its handshake, in place of a transport."""

    def __init__(self, accepted: socket) -> None:
        self._accepted = accepted
        self._is_closing = False

    def abort(self) -> None:
        """Let the event loop close the connection, as if the client had closed it."""
        self._is_closing = True
        with contextlib.suppress(OSError):
            self._accepted.shutdown(SHUT_RDWR)

    def is_closing(self) -> bool:
        """Return whether the connection is being closed."""
        return self._is_closing
