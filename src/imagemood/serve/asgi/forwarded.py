"""ASGI middleware for requests that a reverse proxy forwards: the prefix of their paths, and the proxy's headers.

A proxy may serve this service below a prefix, such as ``/moods``. It removes the prefix from the path, or leaves
it there; both are understood. The headers ``X-Forwarded-…`` are used only if they come from an address that is
allowed to send them, since anyone can send them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import cast

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from imagemood.errors import InputError
from imagemood.serve.problems import Problem

PREFIX = "imagemood.prefix"
"""Key of the ASGI scope: the prefix of the paths that clients request, such as ``/moods``, or an empty text."""
FORWARDED_HOSTS = "imagemood.forwarded_hosts"
"""Key of the ASGI scope: the hosts in ``X-Forwarded-Host``, if the proxy may state them."""
ANY_ADDRESS = "*"
_PREFIX = re.compile(r"(?:/(?!\.\.?(?:/|\Z))[A-Za-z0-9._~!$&'()*+,;=:@-]+)+", re.ASCII)
_MAX_PREFIX_LENGTH = 300
_MAX_FORWARDED_HOSTS = 10
_CACHE_SIZE = 128
_READING_METHODS = frozenset(("GET", "HEAD"))


def parse_prefix(text: str) -> str:
    """Return a prefix of paths with a slash at its start and none at its end, or an empty text.

    Raises
    ------
    InputError
        If it is not the path of a URL.

    Examples
    --------
    >>> parse_prefix("moods/"), parse_prefix("/")
    ('/moods', '')
    """
    stripped = text.strip().strip("/")
    prefix = f"/{stripped}" if stripped else ""
    if prefix and (len(prefix) > _MAX_PREFIX_LENGTH or not _PREFIX.fullmatch(prefix)):
        raise InputError(f"'{text}' is not the path of a URL", where="--root-path", hint="for example /moods")
    return prefix


def parse_addresses(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses and networks in a list whose elements may be lists with commas.

    Raises
    ------
    InputError
        If one of them is neither an address, nor a network, nor ``*``.

    Examples
    --------
    >>> parse_addresses(["127.0.0.1,::1", "10.0.0.0/8"])
    ('127.0.0.1', '::1', '10.0.0.0/8')
    """
    found = [address.strip() for text in texts for address in text.split(",") if address.strip()]
    for address in found:
        try:
            if address != ANY_ADDRESS:
                ipaddress.ip_network(address)
        except ValueError:
            hint = "for example 127.0.0.1 or 10.0.0.0/8"
            where = "--forwarded-allow-ips"
            raise InputError(f"'{address}' is not an IP address or network", where=where, hint=hint) from None
    return (ANY_ADDRESS,) if ANY_ADDRESS in found else tuple(found)


def allowed_clients(addresses: Collection[str]) -> Callable[[str], bool]:
    """Return a function that returns whether the client at an address may send the headers ``X-Forwarded-…``.

    Examples
    --------
    >>> is_allowed = allowed_clients(["10.0.0.0/8"])
    >>> is_allowed("10.1.2.3"), is_allowed("::ffff:10.1.2.3"), is_allowed("127.0.0.1"), is_allowed("")
    (True, True, False, False)
    """
    networks = [ipaddress.ip_network(address) for address in addresses if address != ANY_ADDRESS]
    allows_all = ANY_ADDRESS in addresses

    @lru_cache(_CACHE_SIZE)
    def is_allowed(client: str) -> bool:
        try:
            address = ipaddress.ip_address(client)
        except ValueError:
            return allows_all
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return allows_all or any((mapped or address) in network for network in networks)

    return is_allowed


class ForwardedRequests:
    """Removes the prefix from the paths of requests, and uses the headers of proxies that may send them.

    Parameters
    ----------
    app : ASGI application
        The application, which sees paths without prefix.
    addresses : collection of str
        Addresses and networks of the proxies whose headers ``X-Forwarded-For``, ``-Proto``, ``-Host`` and
        ``-Prefix`` are used.
    root_path : str
        The prefix of requests without ``X-Forwarded-Prefix``.
    own_paths : collection of str
        The paths of the routes. A prefix that is the start of one of them must have been removed by the proxy.
    """

    def __init__(
        self, app: ASGIApp, addresses: Collection[str], root_path: str, own_paths: Collection[str] = ()
    ) -> None:
        self._app = app
        self._root_path = root_path
        self._own_paths = tuple(own_paths)
        self._is_allowed = allowed_clients(addresses) if addresses else None
        self._app_with_client = cast(
            "ASGIApp",
            ProxyHeadersMiddleware(app, list(addresses)),  # type: ignore[arg-type]
        )
        self._is_ambiguous = lru_cache(_CACHE_SIZE)(self._is_start_of_own_path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        app, prefix = self._app, self._root_path or scope.get("root_path", "")
        if self._is_allowed is not None and _is_forwarded(scope) and self._is_allowed(_client(scope)):
            app = self._app_with_client
            try:
                prefix = _read_headers(scope) or prefix
            except Problem as problem:
                await problem.response(scope["path"])(scope, receive, send)
                return
        if prefix:
            if scope["path"] == prefix and scope["method"] in _READING_METHODS and not self._is_ambiguous(prefix):
                await Response(status_code=308, headers={"Location": f"{prefix}/"})(scope, receive, send)
                return
            self._remove(prefix, scope)
        await app(scope, receive, send)

    def _remove(self, prefix: str, scope: Scope) -> None:
        path = scope["path"]
        if path.startswith(f"{prefix}/") and not self._is_ambiguous(prefix):
            scope["path"] = path[len(prefix) :]
        scope["root_path"] = ""
        scope[PREFIX] = prefix

    def _is_start_of_own_path(self, prefix: str) -> bool:
        return any(f"{path}/".startswith(f"{prefix}/") for path in self._own_paths)


def _is_forwarded(scope: Scope) -> bool:
    """Return whether a proxy has added headers."""
    return any(name.startswith(b"x-forwarded-") for name, _ in scope["headers"])


def _client(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


def _read_headers(scope: Scope) -> str:
    """Return the prefix that a proxy states, and keep the hosts that it states."""
    prefixes, hosts = [], []
    for name, value in scope["headers"]:
        if name == b"x-forwarded-prefix":
            prefixes += value.decode("latin-1").split(",")
        elif name == b"x-forwarded-host":
            hosts += value.split(b",")
    if hosts:
        if len(hosts) > _MAX_FORWARDED_HOSTS:
            raise Problem(400, "the header X-Forwarded-Host is not valid")
        scope[FORWARDED_HOSTS] = [host.strip() for host in hosts]
    try:
        return parse_prefix("".join(map(parse_prefix, prefixes)))
    except InputError:
        raise Problem(400, "the header X-Forwarded-Prefix is not valid") from None
