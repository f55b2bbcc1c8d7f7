"""Fetches pictures by URL from public addresses only, so that clients cannot reach internal networks.

The transport resolves the host name once for each request, and connects to the address that it has checked. A
host name that resolves to another address a moment later (DNS rebinding) therefore does not bypass the check.
Redirects are separate requests, so they are checked in the same manner.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable

import httpx

from imagemood.errors import InputError, RemoteError
from imagemood.pictures import http_client
from imagemood.serve.settings import Limits

MAX_REDIRECTS = 3
_TIMEOUT_S = 5.0  # for connecting, and for each read or write
Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Returns the addresses of a host name and port."""
AddressCheck = Callable[[str], bool]
"""Returns whether an address may be connected to."""


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet.

    Private, loopback, link-local, multicast, reserved and unspecified addresses are not, and neither are IPv6
    addresses that embed such an IPv4 address.

    Examples
    --------
    >>> [is_public(address) for address in ("1.1.1.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip.is_site_local or any(ipv4 is not None and not is_public(str(ipv4)) for ipv4 in embedded):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


async def resolve(host: str, port: int) -> list[str]:
    """Resolve a host name with the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class CheckedTransport(httpx.AsyncHTTPTransport):
    """Sends requests to allowed addresses only, without any proxy."""

    def __init__(self, ssl_context: ssl.SSLContext, resolver: Resolver, is_allowed: AddressCheck) -> None:
        # Connections are not reused: the pool identifies them by address, which may serve several host names.
        limits = httpx.Limits(max_keepalive_connections=0)
        super().__init__(verify=ssl_context, trust_env=False, limits=limits)
        self._resolver = resolver
        self._is_allowed = is_allowed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Resolve and check the host, then send the request to the address that was checked."""
        url = request.url
        if url.scheme not in ("http", "https") or not url.host:
            raise InputError("not an HTTP(S) URL", where=str(url))
        address = await self._checked_address(url.host, url.port or (443 if url.scheme == "https" else 80))
        checked = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,  # with the original host name
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.host},  # the certificate must be for this name
        )
        return await super().handle_async_request(checked)

    async def _checked_address(self, host: str, port: int) -> str:
        try:
            addresses = await self._resolver(host, port)
        except (OSError, UnicodeError) as error:
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
        is_allowed: AddressCheck = is_public,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._resolver = resolver
        self._is_allowed = is_allowed
        self._ssl_context = ssl_context or ssl.create_default_context()

    async def fetch(self, url: str) -> bytes:
        """Return the content at an HTTP(S) URL.

        Raises
        ------
        InputError
            If the URL is invalid, leads to an address that is not public, or to content that is too large.
        RemoteError
            If the server cannot be reached, refuses the request, fails, or takes too long.
        """
        try:
            async with asyncio.timeout(self._limits.body_timeout_s), self._client() as client:
                request = client.build_request("GET", url)
                for _ in range(MAX_REDIRECTS + 1):
                    response = await client.send(request, stream=True)
                    if response.next_request is None:
                        return await self._read(response, url)
                    await response.aclose()  # the body of a redirect may be endless, so it is not read
                    request = response.next_request
                raise RemoteError(f"more than {MAX_REDIRECTS} redirects", where=url)
        except TimeoutError as error:
            raise RemoteError("the server did not respond in time", where=url) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise http_client.translate_error(error, url) from error

    def _client(self) -> httpx.AsyncClient:
        """Create a client for one picture, so that no cookie reaches the requests of other clients."""
        transport = CheckedTransport(self._ssl_context, self._resolver, self._is_allowed)
        headers = http_client.HEADERS
        return httpx.AsyncClient(transport=transport, headers=headers, timeout=_TIMEOUT_S, trust_env=False)

    async def _read(self, response: httpx.Response, url: str) -> bytes:
        try:
            http_client.raise_for_status(response, url)
            content = bytearray()
            async for chunk in response.aiter_raw():
                content += chunk
                if len(content) > self._limits.max_bytes:
                    raise InputError(f"larger than {self._limits.max_bytes:,} bytes", where=url)
            return bytes(content)
        finally:
            await response.aclose()
