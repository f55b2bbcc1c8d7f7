"""What surrounds every request: its number, its line in the log, its place in the figures, headers, the token."""

from __future__ import annotations

import hmac
import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from imagemood.serve.metrics import Metrics
from imagemood.serve.problems import Problem

_SANE_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; "
    "connect-src {connect}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
PAGE_POLICY = _POLICY.format(connect="'self' http: https:")  # ?url-image= may name another service
_HEADERS = {
    "Content-Security-Policy": _POLICY.format(connect="'self'"),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "X-Frame-Options": "DENY",
}
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
_logger = logging.getLogger("imagemood.serve")


class Observed:
    """Gives each request a number, headers, a line in the log and a place in the figures, and answers what broke.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    metrics : Metrics
        The figures.
    access_log : bool
        Whether each request leaves a line on standard error.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, *, access_log: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _SANE_ID.fullmatch(given) else secrets.token_hex(8)
        start, status, is_recorded = time.perf_counter(), 0, False

        def record() -> None:
            nonlocal is_recorded
            if is_recorded:
                return
            is_recorded = True
            seconds = time.perf_counter() - start
            self._metrics.end()
            self._metrics.count(_route(scope), _method(scope), status, seconds)
            if self._access_log:
                _log(scope, request_id, status, seconds)

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message["headers"]
                present = {name for name, _ in headers}
                headers.extend(entry for entry in _RAW_HEADERS if entry[0] not in present)
                headers.append((b"x-request-id", request_id.encode()))
            elif not message.get("more_body", False):
                record()  # before the client can see the end of the response, and look for its line in the log
            await send(message)

        self._metrics.begin()
        try:
            await self._app(scope, receive, send_marked)
        except Exception:  # whatever it is: the client gets an answer, the log gets the trace
            _logger.exception("request %s failed", request_id)
            if not status:
                problem = Problem(500, f"something broke; the log says more under {request_id}")
                await problem.response(scope["path"])(scope, receive, send_marked)
        finally:
            record()  # a response that was cut short


def _route(scope: Scope) -> str:
    """Give the route as it is declared: paths are the client's, of which there is no end."""
    route = scope.get("route")
    return str(getattr(route, "path", "other"))


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    return method if method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH") else "other"


def _log(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "id": request_id,
        "client": (scope.get("client") or ["unknown"])[0],
        "method": scope["method"],
        "path": scope["path"][:200],
        "status": status,
        "ms": round(1000 * seconds, 2),
    }
    sys.stderr.write(json.dumps(line) + "\n")


class Guarded:
    """Lets only who bears the token use the service, but for some paths.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    token : str
        What must be borne.
    open_paths : collection of str
        What anybody may ask for.
    """

    def __init__(self, app: ASGIApp, token: str, open_paths: Collection[str]) -> None:
        self._app = app
        self._token = token.encode()
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"] not in self._open_paths:
            kind, _, borne = Headers(scope=scope).get("authorization", "").partition(" ")
            knows = kind.lower() == "bearer" and hmac.compare_digest(borne.strip().encode(), self._token)
            if not knows:
                problem = Problem(401, "this service asks for a bearer token", {"WWW-Authenticate": "Bearer"})
                await problem.response(scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)
