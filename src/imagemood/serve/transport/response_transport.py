"""The transport of one response, which sends its head and its body together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class ResponseTransport:
    """The part of a transport that uvicorn uses for a response.

    uvicorn writes the head of a response and its body separately. Sending them together takes one system call, and
    the client is woken once.

    Parameters
    ----------
    transport : asyncio.Transport
        The transport of the connection.
    close : callable
        Closes the connection.
    loop : asyncio.AbstractEventLoop
        The event loop.
    has_body : bool
        Whether uvicorn writes a body, which may be empty. Otherwise, the head is sent at once.
    """

    __slots__ = ("_close", "_head", "_loop", "_write", "is_closing")

    def __init__(
        self,
        transport: asyncio.Transport,
        close: Callable[[], None],
        loop: asyncio.AbstractEventLoop,
        *,
        has_body: bool,
    ) -> None:
        self.is_closing = transport.is_closing
        self._write = transport.write
        self._close = close
        self._loop = loop
        self._head = b"" if has_body else None  # None once nothing must wait any more

    def write(self, data: bytes) -> None:
        """Send a part of the response. The first one waits for the second one, but at most for some callbacks."""
        if self._head is None:
            self._write(data)
        elif self._head:
            head, self._head = self._head, None
            self._write(head + data)
        else:
            self._head = data
            self._loop.call_soon(self._send_head)

    def _send_head(self) -> None:
        if self._head:
            head, self._head = self._head, None
            self._write(head)

    def close(self) -> None:
        """Close the connection after the response."""
        self._send_head()
        self._close()
