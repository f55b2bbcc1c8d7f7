"""ASGI middleware that refuses requests to other hosts, from pages of other sites, and with ambiguous headers."""

from __future__ import annotations

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from imagemood.serve import origins
from imagemood.serve.hosts import AllowedHosts, parse_host
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


class RequestCheck:
    """Refuses requests to hosts that are not allowed, and from pages of origins that are not allowed."""

    def __init__(self, app: ASGIApp, hosts: AllowedHosts, allowed_origins: Collection[str]) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = frozenset(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        if scope["type"] == "http":
            try:
                self._check(scope)
            except Problem as problem:
                await problem.response(scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            if name in _SINGLE_HEADERS:
                if name in headers:
                    raise Problem(400, f"the header {_SINGLE_HEADERS[name]} occurs more than once")
                headers[name] = value.decode("latin-1")
        host = headers.get(b"host")
        self._check_host(host, scope["http_version"])
        encoding = headers.get(b"content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            detail = "the header Content-Encoding is not supported; send the body without compression"
            raise Problem(415, detail, {"Accept-Encoding": "identity"})
        site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin")
        if not origins.is_allowed(scope["method"], host, site, origin, self._origins):
            raise _forbidden(origin)

    def _check_host(self, value: str | None, http_version: str) -> None:
        if value is None:
            if http_version == "1.0":  # such as health checks of load balancers; browsers always send it
                return
            raise Problem(400, "the header Host is missing")
        host = parse_host(value) if len(value) <= _MAX_HOST_LENGTH else None
        if host is None:
            raise Problem(400, "the header Host is not valid")
        if not self._hosts.allows(host):
            raise Problem(
                421, f"this service has no host '{host}' (imagemood serve --allowed-hosts {host} allows it)"
            )


def _forbidden(origin: str | None) -> Problem:
    if not origin or len(origin) > _MAX_HOST_LENGTH:
        return Problem(403, "pages of other sites may not use this service")
    return Problem(
        403, f"pages of the origin {origin} may not use this service (imagemood serve --cors {origin} allows it)"
    )
