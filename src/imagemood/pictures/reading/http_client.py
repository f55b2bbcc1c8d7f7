"""Reads URLs with httpx, within limits on the size of the content and on the total time."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from imagemood import _extras
from imagemood.errors import RemoteError
from imagemood.pictures.reading import limits, retries
from imagemood.pictures.reading.http_exchange import ERRORS, HEADERS, Content, Exchange, translate_error
from imagemood.pictures.reading.http_transport import Transport

with _extras.needs("web"):
    import httpcore
    import httpx

MAX_REDIRECTS = 10


def create_client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """Create a client with this package's headers and limit on redirects.

    Raises
    ------
    InputError
        If the settings for proxies and certificates in the environment are not valid.
    """
    return httpx.Client(
        transport=transport or Transport(_limit_total_time),
        headers=HEADERS,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
    )


def _limit_total_time(transport: httpx.HTTPTransport) -> None:
    transport._pool._network_backend = _BackendWithDeadline()  # httpx has no public argument for the backend


@lru_cache(maxsize=1)
def shared_client() -> httpx.Client:
    """Return the client that all threads of this process share, so that connections are reused."""
    client = create_client()
    atexit.register(client.close)
    return client


def read_url(address: str) -> bytes:
    """Read the content at a URL, and retry after transient failures.

    Raises
    ------
    UnavailableError
        If every attempt failed but a later one may succeed.
    RemoteError
        If the server refuses the request, or all attempts together exceed `limits.TOTAL_TIMEOUT_S`.
    InputError
        If the URL is not valid, or the content exceeds `limits.MAX_BYTES`.
    """
    with _deadline(time.monotonic() + limits.TOTAL_TIMEOUT_S):
        return retries.retry(lambda: _read_once(address))


def _read_once(address: str) -> bytes:
    client, exchange = shared_client(), Exchange(address, MAX_REDIRECTS)
    try:
        while True:
            request = exchange.request(client, limits.TIMEOUT_S)
            response = client.send(request, stream=True, follow_redirects=False)
            try:
                if exchange.is_redirected(response):
                    continue
                content = Content(response, address, limits.MAX_BYTES)
                for part in response.iter_raw():
                    content.feed(part)
                return content.finish()
            finally:
                response.close()
    except ERRORS as error:
        if _remaining_s() <= 0:
            raise RemoteError(f"not finished after {limits.TOTAL_TIMEOUT_S:g} seconds", where=address) from error
        raise translate_error(error, address) from error


class _Deadline(threading.local):
    """The time at which the request of the current thread must have finished."""

    at: float = float("inf")


_CURRENT = _Deadline()


@contextmanager
def _deadline(at: float) -> Iterator[None]:
    _CURRENT.at = at
    try:
        yield
    finally:
        del _CURRENT.at


def _remaining_s() -> float:
    return _CURRENT.at - time.monotonic()


def _limited(timeout_s: float | None) -> float | None:
    """Return a timeout that ends at the deadline; httpx itself limits only the time between two parts."""
    remaining_s = max(0.001, _remaining_s())
    shortest = min(remaining_s, remaining_s if timeout_s is None else timeout_s)
    return None if shortest == float("inf") else shortest


class _StreamWithDeadline(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _limited(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _limited(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _StreamWithDeadline(self._stream.start_tls(ssl_context, server_hostname, _limited(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


class _BackendWithDeadline(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        options = None if socket_options is None else list(socket_options)
        stream = super().connect_tcp(host, port, _limited(timeout), local_address, options)
        return _StreamWithDeadline(stream)
