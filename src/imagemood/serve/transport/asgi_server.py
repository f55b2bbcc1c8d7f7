"""The HTTP server of a process: uvicorn, with time limits on connections and on stopping."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import threading
import time
from collections.abc import Callable, Collection, Generator
from socket import socket
from typing import Any, cast

import uvicorn

from imagemood.serve.transport.connections import LimitedProtocol, check_deadlines
from imagemood.serve.transport.tls_handshakes import TlsHandshake

_TICKS_PER_S = 10  # of uvicorn
_LAST_REQUESTS_S = 2.0  # time for clients to send a request on a connection that has been accepted
_CLOSE = (b"connection", b"close")


class AsgiServer(uvicorn.Server):
    """A server that closes connections which exceed a time limit, and that load balancers can drain.

    Parameters
    ----------
    config : uvicorn.Config
        The configuration.
    on_ready : callable, optional
        Called when the server accepts requests.
    may_accept : event, optional
        Set when the server may accept requests, after its application has been loaded. By default, it may at once.
    drain_delay_s : float
        Time for which requests are accepted after `stop`, while readiness checks fail.

    Attributes
    ----------
    last_tick : float
        When the event loop last ran a periodic task, by `time.monotonic`.
    is_loaded : bool
        Whether the application has been loaded.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None] | None = None,
        *,
        may_accept: threading.Event | None = None,
        drain_delay_s: float = 0.0,
    ) -> None:
        super().__init__(config)
        self.last_tick = time.monotonic()
        self.is_loaded = False
        self._on_ready = on_ready
        self._may_accept = may_accept
        self._drain_delay_s = drain_delay_s
        self._end_of_drain: float | None = None

    def stop(self) -> None:
        """Complete the requests in progress, and stop; a signal handler may call this."""
        if not self.started or self._drain_delay_s == 0:
            self.should_exit = True
        elif self._end_of_drain is None:
            self._end_of_drain = time.monotonic() + self._drain_delay_s
            self.lifespan.state["service"].is_ready = False
            self._announce_closing()

    def _announce_closing(self) -> None:
        """Let clients use other connections for further requests, which may lead to another process or replica."""
        self.config.encoded_headers.append(_CLOSE)  # from which uvicorn renews the others once per second
        self.server_state.default_headers.append(_CLOSE)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to `imagemood.serve.stopping`."""
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start to accept requests."""
        self.is_loaded = True
        if self._may_accept is not None:
            await asyncio.to_thread(self._may_accept.wait)
        if self.config.ssl is not None and os.name == "posix":  # on Windows, sockets cannot be duplicated
            handshake = functools.partial(TlsHandshake, self.config.ssl)
            self.config.http_protocol_class, self.config.ssl = cast("Any", handshake), None
        await super().startup(sockets)
        self.last_tick = time.monotonic()
        if self.started and self._on_ready is not None:
            self._on_ready()

    async def on_tick(self, counter: int) -> bool:
        """Check the time limits of the connections once per second, and the end of the drain delay."""
        self.last_tick = time.monotonic()
        if self._end_of_drain is not None and self.last_tick >= self._end_of_drain:
            self.should_exit = True
        if counter % _TICKS_PER_S == 0:
            connections = cast("Collection[LimitedProtocol]", self.server_state.connections)
            check_deadlines(connections, asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Complete the requests in progress, and stop."""
        has_reached_limit = not self.should_exit  # of requests for a worker
        if has_reached_limit:
            await self._leave_to_others(sockets or [])
        await super().shutdown(sockets)

    async def _leave_to_others(self, sockets: list[socket]) -> None:
        """Leave further connections to the other workers, and wait for the requests on those that are accepted."""
        for server in self.servers:
            server.close()
        for listener in sockets:
            listener.close()
        self._announce_closing()
        end = time.monotonic() + _LAST_REQUESTS_S
        while time.monotonic() < end and not self.should_exit:
            await asyncio.sleep(1 / _TICKS_PER_S)
