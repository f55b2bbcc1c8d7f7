"""ASGI middleware that refuses requests to other hosts, from pages of other sites, and with ambiguous headers.

It also decompresses the bodies of the other requests.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from imagemood.serve.asgi import origins
from imagemood.serve.asgi.content_decoding import DecodedBody, find_encoding
from imagemood.serve.asgi.forwarded import FORWARDED_HOSTS
from imagemood.serve.asgi.hosts import AllowedHosts, parse_host
from imagemood.serve.problems import Problem

# A proxy and the service could use different values of a header that occurs more than once.
_SINGLE_HEADERS = {
    name.lower().encode(): name
    for name in (
        "Host",
        "Origin",
        "Sec-Fetch-Site",
        "Authorization",
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "Inference-Header-Content-Length",
    )
}
_MAX_HOST_LENGTH = 300
_INVALID_HOST = "the header Host is not valid"
_CACHE_SIZE = 128


class RequestCheck:
    """Refuses requests to hosts that are not allowed, and from pages of origins that are not allowed."""

    def __init__(self, app: ASGIApp, hosts: AllowedHosts, allowed_origins: Collection[str]) -> None:
        self._app = app
        self._hosts = hosts
        self._refusal_of_host = lru_cache(_CACHE_SIZE)(self._find_refusal_of_host)
        self._origins = frozenset(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        encoding = None
        if scope["type"] == "http":
            try:
                encoding = self._check(scope)
            except Problem as problem:
                await problem.response(scope["path"])(scope, receive, send)
                return
        if encoding is None:
            await self._app(scope, receive, send)
            return
        body = DecodedBody(receive, encoding, scope.get("state", {}).get("memory"))
        try:
            await self._app(scope, body.receive, send)
        finally:
            body.release()

    def _check(self, scope: Scope) -> str | None:
        """Return the content coding of the body, or raise a problem."""
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _SINGLE_HEADERS:
                if name in headers:
                    raise Problem(400, f"the header {_SINGLE_HEADERS[name]} occurs more than once")
                headers[name] = value
        self._check_host(headers.get(b"host"), scope["http_version"])
        forwarded_hosts = scope.get(FORWARDED_HOSTS)
        if forwarded_hosts:
            for host in forwarded_hosts:
                self._check_host(host, scope["http_version"])
            headers[b"host"] = forwarded_hosts[0]  # that of the page, if the proxy has replaced Host
        if b"sec-fetch-site" in headers or b"origin" in headers:
            self._check_origin(scope["method"], headers)
        return find_encoding(headers[b"content-encoding"]) if b"content-encoding" in headers else None

    def _check_origin(self, method: str, headers: dict[bytes, bytes]) -> None:
        host, site, origin = (_text(headers.get(name)) for name in (b"host", b"sec-fetch-site", b"origin"))
        if not origins.is_allowed(method, host, site, origin, self._origins):
            raise _forbidden(origin)

    def _check_host(self, value: bytes | None, http_version: str) -> None:
        if value is None:
            if http_version == "1.0":  # such as health checks of load balancers; browsers always send it
                return
            raise Problem(400, "the header Host is missing")
        refusal = (400, _INVALID_HOST) if len(value) > _MAX_HOST_LENGTH else self._refusal_of_host(value)
        if refusal is not None:
            raise Problem(*refusal)

    def _find_refusal_of_host(self, value: bytes) -> tuple[int, str] | None:
        host = parse_host(value.decode("latin-1"))
        if host is None:
            return 400, _INVALID_HOST
        if self._hosts.allows(host):
            return None
        return 421, f"this service has no host '{host}' (imagemood serve --allowed-hosts {host} allows it)"


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _forbidden(origin: str | None) -> Problem:
    if not origin or len(origin) > _MAX_HOST_LENGTH:
        return Problem(403, "pages of other sites may not use this service")
    return Problem(
        403, f"pages of the origin {origin} may not use this service (imagemood serve --cors {origin} allows it)"
    )
