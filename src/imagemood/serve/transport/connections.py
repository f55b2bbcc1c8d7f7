"""The connections of clients, with limits on their number, on their headers, and on the time that they take.

uvicorn limits the time between two requests only. A client could otherwise keep connections open without a
request, send headers or trailers without an end, or never read a response.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from imagemood.errors import OverloadedError
from imagemood.serve.asgi.hosts import with_host_of_target
from imagemood.serve.memory import HeldMemory
from imagemood.serve.problems import BUSY_STATUSES, CLOSE, Problem
from imagemood.serve.transport.connection_count import close_idle, max_connections
from imagemood.serve.transport.response_transport import ResponseTransport

MAX_HEAD_BYTES = 32_768
"""Largest size of the request line and the headers, and of the trailers or the framing between parts of a body."""
MAX_HEADERS = 100
"""Largest number of headers, and of headers and trailers together."""
MAX_SMALL_PARTS = 20_000
"""Largest number of chunks of a small body for which parsing takes longer than receiving them."""
_SMALL_PART_BYTES = 16
_BYTES_PER_SMALL_PART = 1000  # of other chunks, after each of which there may be the end of a line
MAX_PIPELINED = 32
"""Largest number of requests that a connection sends before the response to the first of them."""
HEAD_TIMEOUT_S = 10.0
"""Time limit for receiving the headers of a request."""
UNREAD_BODY_TIMEOUT_S = 2.0
"""Time limit for each part of the rest of a body, after the response, if the body is not needed."""
MAX_UNREAD_BODY_S = 30.0
"""Time limit for the whole rest: many clients read the response only when they have sent the body."""
RESPONSE_TIMEOUT_S = 60.0
"""Time limit for a client to receive a response after it has been computed."""


class LimitedProtocol(HttpToolsProtocol):
    """A connection of a client.

    Attributes
    ----------
    idle_since : float or None
        The time of the event loop since which no request is in progress; None if one is.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.idle_since: float | None = None
        self._deadline: float | None = None
        self._n_bytes = 0  # received since the last headers, part of a body, or end of a message
        self._n_small_left = MAX_SMALL_PARTS  # chunks that the current body may still have
        self._is_receiving = False  # a message that is not complete
        self._is_lingering = False
        self._response: HeldMemory | None = None  # the part that the client has not read
        self._refusal: tuple[HTTPStatus, str] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept a connection, in place of an idle one if there are too many."""
        is_accepted = close_idle(cast("Collection[LimitedProtocol]", self.connections), max_connections())
        super().connection_made(transport)
        self._become_idle(HEAD_TIMEOUT_S)
        if not is_accepted:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections")

    def connection_lost(self, exc: Exception | None) -> None:
        """Release what belongs to the connection."""
        self._release_response()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse a part of a request."""
        if self._is_lingering:
            self._await_rest()
        if self._is_lingering or self.transport.is_closing():
            return
        self._n_bytes += len(data)
        if self.idle_since is not None and self._deadline is None:
            self._deadline = self.loop.time() + HEAD_TIMEOUT_S
        super().data_received(data)
        if self._n_bytes > MAX_HEAD_BYTES:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"the headers exceed {MAX_HEAD_BYTES:,} bytes"
            )

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        super().on_message_begin()
        self._is_receiving = True
        self._n_small_left = MAX_SMALL_PARTS

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header or a trailer."""
        if len(self.headers) >= MAX_HEADERS:
            self._fail(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"the request has more than {MAX_HEADERS} headers"
            )
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to process a request."""
        if self._n_bytes > MAX_HEAD_BYTES:
            n_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if n_bytes > MAX_HEAD_BYTES:
                self._fail(
                    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"the headers exceed {MAX_HEAD_BYTES:,} bytes"
                )
        if len(self.pipeline) >= MAX_PIPELINED:
            self._fail(HTTPStatus.TOO_MANY_REQUESTS, f"more than {MAX_PIPELINED} requests without a response")
        self._n_bytes = 0
        self.idle_since = self._deadline = None
        if not self.url.startswith(b"/"):
            self.headers[:] = with_host_of_target(self.headers, self.url)
        super().on_headers_complete()
        has_body = self.scope["method"] != "HEAD"
        transport = ResponseTransport(self.transport, self.close, self.loop, has_body=has_body)
        self.cycle.transport = cast("asyncio.Transport", transport)

    def on_body(self, body: bytes) -> None:
        """Keep a part of a body."""
        self._n_bytes = 0
        self._n_small_left += -1 if len(body) < _SMALL_PART_BYTES else len(body) // _BYTES_PER_SMALL_PART
        if self._n_small_left < 0:
            self._fail(HTTPStatus.BAD_REQUEST, f"the body has more than {MAX_SMALL_PARTS:,} small chunks")
        if self.idle_since is not None:  # the response has been sent
            self._await_rest()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request has been received."""
        self._n_bytes = 0
        self._is_receiving = False
        super().on_message_complete()
        if self.idle_since is not None:  # the response was sent before the body was complete
            self._become_idle(self.timeout_keep_alive)

    def on_response_complete(self) -> None:
        """Continue with the next request of the connection, or wait for it."""
        super().on_response_complete()
        if self.cycle.response_complete and not self._is_lingering:
            next_s = HEAD_TIMEOUT_S if self._is_receiving else None  # uvicorn measures the time until it begins
            self._become_idle(UNREAD_BODY_TIMEOUT_S if self.cycle.more_body else next_s)
        if self.transport.get_write_buffer_size():
            self._deadline = self.loop.time() + RESPONSE_TIMEOUT_S

    def pause_writing(self) -> None:
        """Start to measure the time in which the client reads the response."""
        super().pause_writing()
        self._deadline = self.loop.time() + RESPONSE_TIMEOUT_S
        memory = self.app_state.get("memory")
        if memory is not None and self._response is None:
            self._response = HeldMemory(memory)
            try:
                self._response.add(self.transport.get_write_buffer_size())
            except OverloadedError:
                self.transport.abort()
            else:
                self._response.allow_eviction(self.transport.abort)

    def resume_writing(self) -> None:
        """Continue with the response."""
        super().resume_writing()
        self._release_response()
        if self.idle_since is None:
            self._deadline = None

    def check_deadline(self, now: float) -> None:
        """Close the connection if the client has exceeded a time limit."""
        if self._deadline is None or now < self._deadline:
            return
        if self.transport.get_write_buffer_size() or self._is_lingering or self.transport.is_closing():
            self.transport.abort()
        elif self.idle_since is not None:
            self.transport.close()

    def close(self) -> None:
        """Close the connection after the response.

        If the request is not complete, what the client still sends is discarded for a moment. Otherwise, the
        system would report to the client that its data were not received, and the client could lose the response.
        """
        if not self._is_receiving:
            self.transport.close()
        elif not self._is_lingering:
            self._is_lingering = True
            self.idle_since = self.loop.time()
            self._await_rest()
            if self.transport.can_write_eof():  # TLS cannot
                self.transport.write_eof()
            self.flow.resume_reading()

    def send_400_response(self, msg: str) -> None:
        """Send the response to a request that is not valid HTTP, or that exceeds a limit."""
        self._refuse(*(self._refusal or (HTTPStatus.BAD_REQUEST, _as_detail(msg))))

    def _await_rest(self) -> None:
        """Wait for the next part of a body that is not needed."""
        if self.idle_since is not None:
            end = self.idle_since + MAX_UNREAD_BODY_S
            self._deadline = min(self.loop.time() + UNREAD_BODY_TIMEOUT_S, end)

    def _release_response(self) -> None:
        if self._response is not None:
            self._response.release()
            self._response = None

    def _become_idle(self, timeout_s: float | None) -> None:
        self.idle_since = self.loop.time()
        self._deadline = None if timeout_s is None else self.idle_since + timeout_s

    def _fail(self, status: HTTPStatus, detail: str) -> None:
        """End the parsing of a request, from inside a callback of the parser."""
        self._refusal = status, detail
        raise ValueError(detail)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        """Respond and close the connection."""
        if self._is_lingering or self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            if self.cycle.response_started or self.pipeline or not self._is_receiving:
                self.transport.abort()  # since another response would have to come first
                return
            self.cycle.disconnected = True  # the request whose body is not valid
            self.cycle.message_event.set()
        estimate = self.app_state.get("retry_after_s")
        headers = {} if estimate is None or status not in BUSY_STATUSES else {"Retry-After": str(estimate())}
        self.transport.write(Problem(status, detail, headers | CLOSE).message())
        self._is_receiving = True
        self.close()


def check_deadlines(connections: Collection[LimitedProtocol], now: float) -> None:
    """Close the connections whose clients have exceeded a time limit; call it about once per second."""
    for connection in list(connections):
        connection.check_deadline(now)


def _as_detail(message: str) -> str:
    return f"{message[:1].lower()}{message[1:].rstrip('.')}"
