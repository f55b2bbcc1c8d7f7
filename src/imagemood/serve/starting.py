"""Answers requests while the models are loaded: the service is alive, but not ready."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from socket import socket

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from imagemood.serve.asgi.forwarded import ForwardedRequests
from imagemood.serve.asgi.middleware import RequestMiddleware
from imagemood.serve.metrics import Metrics
from imagemood.serve.problems import CLOSE, Problem
from imagemood.serve.settings import Settings
from imagemood.serve.transport.asgi_server import AsgiServer

_START_TIMEOUT_S = 10.0
_LAST_REQUESTS_S = 0.2  # for requests on connections that were accepted before
_STOP_TIMEOUT_S = 1
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(settings: Settings) -> ASGIApp:
    """Create an application that succeeds for liveness checks, and responds with status 503 otherwise."""
    routes = [
        Route("/healthz", lambda _: PlainTextResponse("ok\n")),
        Route("/v2/health/live", lambda _: JSONResponse({"live": True})),
        Route("/{path:path}", _not_ready, methods=_METHODS),
    ]
    own_paths = [route.path for route in routes[:-1]]
    app = ForwardedRequests(Starlette(routes=routes), settings.forwarded_allow_ips, settings.root_path, own_paths)
    return RequestMiddleware(app, metrics=Metrics(), access_log=settings.access_log)


def _not_ready(request: Request) -> Response:
    return Problem(503, "the service is starting", CLOSE).response(request.url.path)


@contextlib.contextmanager
def answering(
    listener: socket, settings: Settings, configure: Callable[[ASGIApp], uvicorn.Config]
) -> Iterator[Callable[[], None]]:
    """Answer requests until the end of a ``with`` block, or until the function that it yields is called.

    `configure` returns the configuration of a server for an application.
    """
    config = configure(create_app(settings))
    config.timeout_graceful_shutdown = _STOP_TIMEOUT_S
    server = _StartingServer(config)
    # The server closes its socket when it stops. The thread is not a daemon, so that Python waits for it: an event
    # loop that runs while the interpreter shuts down crashes the process.
    threading.Thread(target=server.run, args=([listener.dup()],), name="imagemood-starting").start()
    server.has_started.wait(_START_TIMEOUT_S)
    try:
        yield server.stop_accepting
    finally:
        server.stop_accepting()


class _StartingServer(AsgiServer):
    """A server that another thread stops; it then responds to requests on connections that it has accepted."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config, self._note_loop)
        self.has_started = threading.Event()
        self._has_stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def _note_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.has_started.set()

    def stop_accepting(self) -> None:
        """Accept no more connections, and stop in the background."""
        if self._loop is None:  # it has not started in time
            self.should_exit = True
        elif not self._has_stopped.is_set():
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._close_listeners)
                self._has_stopped.wait(_START_TIMEOUT_S)

    def _close_listeners(self) -> None:
        for server in self.servers:
            server.close()
        self._has_stopped.set()
        self.should_exit = True

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Respond to the last requests, and close the connections."""
        await asyncio.sleep(_LAST_REQUESTS_S)
        await super().shutdown(sockets)
