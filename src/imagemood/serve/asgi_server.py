"""The HTTP server of a process: uvicorn, with time limits on connections and on stopping."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Generator
from socket import socket
from typing import cast

import uvicorn

from imagemood.serve.connections import LimitedProtocol, check_deadlines

_TICKS_PER_S = 10  # of uvicorn


def _do_nothing() -> None: ...


class AsgiServer(uvicorn.Server):
    """A server that closes connections which exceed a time limit.

    Parameters
    ----------
    config : uvicorn.Config
        The configuration.
    on_ready : callable
        Called when the server accepts requests.

    Attributes
    ----------
    last_tick : float
        When the event loop last ran a periodic task, by `time.monotonic`.
    """

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None] = _do_nothing) -> None:
        super().__init__(config)
        self.last_tick = time.monotonic()
        self._on_ready = on_ready

    def stop(self) -> None:
        """Complete the requests in progress, and stop; a signal handler may call this."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to `imagemood.serve.stopping`."""
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start to accept requests."""
        await super().startup(sockets)
        self.last_tick = time.monotonic()
        if self.started:
            self._on_ready()

    async def on_tick(self, counter: int) -> bool:
        """Check the time limits of the connections once per second."""
        self.last_tick = time.monotonic()
        if counter % _TICKS_PER_S == 0:
            connections = cast("Collection[LimitedProtocol]", self.server_state.connections)
            check_deadlines(connections, asyncio.get_running_loop().time())
        return await super().on_tick(counter)
