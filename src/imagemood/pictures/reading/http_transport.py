"""Connections of httpx through the proxies and with the certificate authorities that the environment names."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Generic, TypeVar

from imagemood import _extras
from imagemood._certificates import ssl_context
from imagemood._proxies import Proxies
from imagemood.errors import InputError, first_line

with _extras.needs("web"):
    import httpx

_T = TypeVar("_T", httpx.HTTPTransport, httpx.AsyncHTTPTransport)


class _Transports(Generic[_T]):
    """A transport for each proxy, and one without a proxy."""

    def __init__(self, proxies: Proxies, create: Callable[[str | None], _T]) -> None:
        self._proxies = proxies
        try:
            self._transports: dict[str | None, _T] = {
                address: create(address) for address in (None, *proxies.addresses.values())
            }
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            what = f"the environment variables for proxies or certificates cannot be used: {first_line(error)}"
            raise InputError(what, hint="correct or unset them") from error

    def of(self, url: httpx.URL) -> _T:
        return self._transports[self.proxy_of(url)]

    def proxy_of(self, url: httpx.URL) -> str | None:
        return self._proxies.of(url.scheme, url.raw_host.decode(), url.port)

    def all(self) -> list[_T]:
        return list(self._transports.values())


class Transport(httpx.BaseTransport):
    """Sends each request through the proxy that the environment names for its host, or directly.

    Parameters
    ----------
    prepare : callable, optional
        Called with each transport of httpx.

    Raises
    ------
    InputError
        If the settings for proxies and certificates in the environment are not valid.
    """

    def __init__(self, prepare: Callable[[httpx.HTTPTransport], object] | None = None) -> None:
        context = ssl_context()
        self._transports = _Transports(
            Proxies.from_environment(), lambda proxy: httpx.HTTPTransport(verify=context, proxy=proxy)
        )
        if prepare is not None:
            for transport in self._transports.all():
                prepare(transport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        return self._transports.of(request.url).handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        for transport in self._transports.all():
            transport.close()


class AsyncTransport(httpx.AsyncBaseTransport):
    """Sends each HTTPS request through the proxy that ``HTTPS_PROXY`` names for its host, or directly.

    A service sends unencrypted requests directly, since they stay in the network of its operator.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        context = context or ssl_context()
        self._transports = _Transports(
            Proxies.from_environment(("https",)),
            lambda proxy: httpx.AsyncHTTPTransport(verify=context, proxy=proxy),
        )

    def has_proxy(self, url: httpx.URL) -> bool:
        """Return whether requests to a URL are sent through a proxy."""
        return self._transports.proxy_of(url) is not None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        return await self._transports.of(request.url).handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        for transport in self._transports.all():
            await transport.aclose()
