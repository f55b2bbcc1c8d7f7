"""Pictures by URL, fetched from public addresses alone.

The address that is checked is the address that is connected to: a name is resolved once for each connection, by
the part of the HTTP client that opens it. So neither a redirect nor a name that answers differently a moment later
leads to where the operator's own machines are.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import urljoin

import httpcore

from imagemood.errors import InputError, RemoteError
from imagemood.pictures.addresses import is_url
from imagemood.serve.settings import Limits

MAX_REDIRECTS = 3
CONNECT_TIMEOUT_S = 5.0
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""A host's name and port to its addresses."""


def is_public(address: str) -> bool:
    """Tell whether an address is one of the open internet.

    Parameters
    ----------
    address : str
        An IPv4 or IPv6 address.

    Returns
    -------
    bool
        False for private, loopback, link-local, multicast, reserved and unspecified addresses, and for IPv6
        addresses that stand for such an IPv4 address.

    Examples
    --------
    >>> [is_public(address) for address in ("1.1.1.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254")]
    [True, False, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip.is_site_local or any(v4 is not None and not is_public(str(v4)) for v4 in inner):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


async def resolve(host: str, port: int) -> list[str]:
    """Look a host's addresses up.

    Parameters
    ----------
    host : str
        Its name.
    port : int
        Its port.

    Returns
    -------
    list of str
        Addresses, in the system's order.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _Guarded(httpcore.AsyncNetworkBackend):
    """Opens connections to allowed addresses alone."""

    def __init__(self, resolve_: Resolve, allowed: Callable[[str], bool]) -> None:
        self._resolve = resolve_
        self._allowed = allowed
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"no address is known for {host}") from error
        # All of them, so that a name cannot offer a private one beside a public one.
        if not addresses or not all(self._allowed(address) for address in addresses):
            raise InputError("leads to an address that is not public", where=host)
        return await self._plain.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise InputError("leads to a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Fetcher:
    """Fetches pictures by URL.

    Parameters
    ----------
    limits : Limits
        Size, and time for all redirects together.
    resolve_ : callable, optional
        Looks a host's addresses up.
    allowed : callable, optional
        Tells whether an address may be connected to; by default, if it is public.
    """

    def __init__(
        self, limits: Limits, resolve_: Resolve = resolve, allowed: Callable[[str], bool] = is_public
    ) -> None:
        self._limits = limits
        self._backend = _Guarded(resolve_, allowed)
        self._tls = ssl.create_default_context()

    async def fetch(self, url: str) -> bytes:
        """Fetch a picture file's content.

        Parameters
        ----------
        url : str
            http or https.

        Returns
        -------
        bytes
            The content.

        Raises
        ------
        InputError
            If the URL is none, leads to an address that is not public, or to too many bytes.
        RemoteError
            If the server cannot be reached, refuses, fails or takes too long.
        """
        try:
            async with (
                asyncio.timeout(self._limits.body_timeout_s),
                httpcore.AsyncConnectionPool(
                    ssl_context=self._tls, network_backend=self._backend, max_keepalive_connections=0
                ) as pool,
            ):
                for _ in range(MAX_REDIRECTS + 1):
                    found, content = await self._get(pool, url)
                    if content is not None:
                        return content
                    url = urljoin(url, found)
                raise RemoteError(f"redirects more than {MAX_REDIRECTS} times", where=url)
        except TimeoutError as error:
            raise RemoteError("the server took too long", where=url) from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise RemoteError(f"cannot be fetched: {error or type(error).__name__}", where=url) from error
        except (httpcore.UnsupportedProtocol, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError("is no http(s) URL", where=url) from error

    async def _get(self, pool: httpcore.AsyncConnectionPool, url: str) -> tuple[str, bytes | None]:
        """Take one step: where it redirects to, or the content."""
        if not is_url(url):
            raise InputError("is no http(s) URL", where=url)
        headers = [
            ("User-Agent", "image-mood-classifier"),
            ("Accept", "image/*"),
            ("Accept-Encoding", "identity"),
        ]
        times = {"connect": CONNECT_TIMEOUT_S, "read": CONNECT_TIMEOUT_S, "write": CONNECT_TIMEOUT_S}
        async with pool.stream("GET", url, headers=headers, extensions={"timeout": times}) as answer:
            if answer.status in (301, 302, 303, 307, 308):
                where = dict(answer.headers).get(b"location") or dict(answer.headers).get(b"Location", b"")
                return where.decode("ascii", "replace"), None
            if answer.status != 200:
                raise RemoteError(f"the server says {answer.status}", where=url)
            content = bytearray()
            async for chunk in answer.aiter_stream():
                content += chunk
                if len(content) > self._limits.max_bytes:
                    raise InputError(f"has more than {self._limits.max_bytes:,} bytes", where=url)
            return "", bytes(content)
