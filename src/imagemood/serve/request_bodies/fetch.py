"""Fetches pictures by URL from public addresses only, so that clients cannot reach internal networks.

The transport resolves the host name once for each request, and connects to the address that it has checked. A
host name that resolves to another address a moment later (DNS rebinding) therefore does not bypass the check.
Redirects are separate requests, so they are checked in the same manner.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx

from imagemood._certificates import ssl_context as default_ssl_context
from imagemood.errors import InputError, MoodError, RemoteError
from imagemood.pictures.reading.http_exchange import ERRORS, HEADERS, Content, Exchange, translate_error
from imagemood.pictures.reading.http_transport import AsyncTransport
from imagemood.serve.request_bodies.public_addresses import is_elsewhere
from imagemood.serve.settings import Limits

MAX_REDIRECTS = 3
_TIMEOUT_S = 5.0  # for connecting, and for each read or write
Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Returns the addresses of a host name and port."""
AddressCheck = Callable[[str], bool]
"""Returns whether an address may be connected to."""


async def resolve(host: str, port: int) -> list[str]:
    """Resolve a host name with the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class CheckedTransport(httpx.AsyncHTTPTransport):
    """Sends requests to allowed addresses only.

    A proxy resolves host names itself. A request that is sent through one is refused only if its host is, or
    resolves on this machine to, an address that is not allowed.
    """

    def __init__(self, ssl_context: ssl.SSLContext, resolver: Resolver, is_allowed: AddressCheck) -> None:
        # Connections are not reused: the pool identifies them by address, which may serve several host names.
        limits = httpx.Limits(max_keepalive_connections=0)
        super().__init__(verify=ssl_context, trust_env=False, limits=limits)
        self._resolver = resolver
        self._is_allowed = is_allowed
        self._through_proxy = AsyncTransport(ssl_context)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Resolve and check the host, then send the request to the address that was checked."""
        url = request.url
        if url.scheme not in ("http", "https") or not url.raw_host:
            raise InputError("not an HTTP(S) URL", where=str(url))
        host = url.raw_host.decode()  # in ASCII, since the resolver would encode some names in another manner
        port = url.port or (443 if url.scheme == "https" else 80)
        if self._through_proxy.has_proxy(url):
            with suppress(httpx.ConnectError):  # the proxy may resolve more names
                await self._checked_address(host, port)
            return await self._through_proxy.handle_async_request(request)
        address = await self._checked_address(host, port)
        checked = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,  # with the original host name
            stream=request.stream,
            # The certificate must be for this name.
            extensions={**request.extensions, "sni_hostname": host.rstrip(".")},
        )
        return await super().handle_async_request(checked)

    async def aclose(self) -> None:
        """Close the connections."""
        await super().aclose()
        await self._through_proxy.aclose()

    async def _checked_address(self, host: str, port: int) -> str:
        try:
            addresses = await self._resolver(host, port)
        except (OSError, ValueError) as error:  # ValueError: no valid host name
            raise httpx.ConnectError(f"cannot resolve {host}") from error
        # All addresses are checked, since a host name may resolve to a public and a private address.
        if not addresses or not all(self._is_allowed(address) for address in addresses):
            raise InputError("resolves to an address that is not public", where=host)
        return addresses[0]


class Fetcher:
    """Fetches pictures by URL, within limits on their size and on the time that all redirects take together."""

    def __init__(
        self,
        limits: Limits,
        resolver: Resolver = resolve,
        is_allowed: AddressCheck = is_elsewhere,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._resolver = resolver
        self._is_allowed = is_allowed
        self._ssl_context = ssl_context or default_ssl_context()

    async def fetch(self, url: str, receive: Callable[[int], None] = lambda _: None) -> bytes:
        """Return the content at an HTTP(S) URL; `receive` is called with the size of each part.

        Raises
        ------
        InputError
            If the URL is invalid, leads to an address that is not public, or to content that is too large.
        RemoteError
            If the server cannot be reached, refuses the request, fails, or takes too long.
        """
        try:
            async with asyncio.timeout(self._limits.body_timeout_s), self._client() as client:
                return await self._read(client, url, receive)
        except TimeoutError as error:
            raise RemoteError("the server did not respond in time", where=url) from error
        except MoodError:
            raise
        except (*ERRORS, OSError, ValueError) as error:
            raise translate_error(error, url) from error

    async def _read(self, client: httpx.AsyncClient, url: str, receive: Callable[[int], None]) -> bytes:
        exchange = Exchange(url, MAX_REDIRECTS)
        while True:
            response = await client.send(exchange.request(client, _TIMEOUT_S), stream=True)
            try:
                if exchange.is_redirected(response):
                    continue
                content = Content(response, url, self._limits.max_bytes)
                async for part in response.aiter_raw():
                    receive(len(part))
                    content.feed(part)
                return content.finish()
            finally:
                await response.aclose()

    def _client(self) -> httpx.AsyncClient:
        """Create a client for one picture, so that no cookie reaches the requests of other clients."""
        transport = CheckedTransport(self._ssl_context, self._resolver, self._is_allowed)
        return httpx.AsyncClient(transport=transport, headers=HEADERS, trust_env=False)
