"""ASGI middleware for all routes: request IDs, access log, metrics, security headers and the bearer token."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import random
import re
import time
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagemood._streams import print_message
from imagemood.serve.metrics import Metrics
from imagemood.serve.problems import CLOSE, Problem

_VALID_REQUEST_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_KNOWN_METHODS = frozenset(("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"))
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; "
    "connect-src {connect}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
PAGE_POLICY = _POLICY.format(connect="'self' http: https:")  # the page's ?url-image= may refer to another service
_SECURITY_HEADERS = {
    "Content-Security-Policy": _POLICY.format(connect="'self'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",  # of requests without CORS, such as those of <img>
}
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _SECURITY_HEADERS.items()]
_logger = logging.getLogger("imagemood.serve")


class RequestMiddleware:
    """Adds a request ID and security headers, logs and counts requests, and handles unexpected errors."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, access_log: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        if method == "HEAD":  # every route that supports GET supports it; the server omits the body
            scope = {**scope, "method": "GET"}
        exchange = _Exchange(scope, method, send, self._metrics, access_log=self._access_log)
        self._metrics.request_started()
        try:
            await self._app(scope, receive, exchange.send)
        except asyncio.CancelledError:  # the time for stopping the service is over
            if exchange.status:
                raise
            problem = Problem(503, "the service is stopping", CLOSE)
            await problem.response(scope["path"])(scope, receive, exchange.send)
        except Exception:  # the traceback goes to the log only
            _logger.exception("request %s failed", exchange.request_id)
            if not exchange.status:  # the response has not started
                detail = f"internal error (request {exchange.request_id}; see the log of the service)"
                await Problem(500, detail).response(scope["path"])(scope, receive, exchange.send)
        finally:
            exchange.record()  # if the response was not completed


class _Exchange:
    """A request and its response, whose messages pass through `send`."""

    def __init__(self, scope: Scope, method: str, send: Send, metrics: Metrics, *, access_log: bool) -> None:
        self.request_id = _request_id(scope)
        self.status = 0
        self._scope = scope
        self._method = method
        self._send = send
        self._metrics = metrics
        self._access_log = access_log
        self._start = time.perf_counter()
        self._is_recorded = False

    async def send(self, message: Message) -> None:
        """Send a message of the response, with additional headers in the first one."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"]
            present = {name for name, _ in headers}
            headers.extend(entry for entry in _RAW_HEADERS if entry[0] not in present)
            headers.append((b"x-request-id", self.request_id.encode()))
        elif not message.get("more_body", False):
            self.record()  # so that the log and the metrics are complete when the client has the response
        await self._send(message)

    def record(self) -> None:
        """Count the request and log it, unless that has been done."""
        if self._is_recorded:
            return
        self._is_recorded = True
        seconds = time.perf_counter() - self._start
        self._metrics.request_finished(_route(self._scope), _known(self._method), self.status, seconds)
        if self._access_log:
            _log(self._scope, self._method, self.request_id, self.status, seconds)


def _request_id(scope: Scope) -> str:
    """Return the ID that the client has sent if it is valid, otherwise a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            client_id = value.decode("latin-1")
            if _VALID_REQUEST_ID.fullmatch(client_id):
                return str(client_id)
            break
    return f"{random.getrandbits(64):016x}"  # tells requests apart; it need not be secret


def _route(scope: Scope) -> str:
    """Return the path as declared: the paths that clients request are unlimited in number."""
    route = scope.get("route")
    return str(getattr(route, "path", "other"))


def _known(method: str) -> str:
    return method if method in _KNOWN_METHODS else "other"


def _log(scope: Scope, method: str, request_id: str, status: int, seconds: float) -> None:
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "id": request_id,
        "client": (scope.get("client") or ["unknown"])[0],
        "method": method,
        "path": scope["path"][:200],
        "status": status,
        "ms": round(1000 * seconds, 2),
    }
    print_message(json.dumps(line))


class TokenMiddleware:
    """Refuses requests without the bearer token, except to public routes (pairs of a method and a path)."""

    def __init__(self, app: ASGIApp, token: str, public_routes: Collection[tuple[str, str]]) -> None:
        self._app = app
        self._token = token.encode()
        self._public_routes = frozenset(public_routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        if scope["type"] == "http" and (scope["method"], scope["path"]) not in self._public_routes:
            scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
            is_valid = scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token)
            if not is_valid:
                problem = Problem(401, "a valid bearer token is required", {"WWW-Authenticate": "Bearer"})
                await problem.response(scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)
