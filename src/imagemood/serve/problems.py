"""Error responses: problem details for HTTP (RFC 9457)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from imagemood._tracebacks import without_traceback
from imagemood.errors import InputError, ModelError, MoodError, OverloadedError, RemoteError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1
BUSY_STATUSES = frozenset((429, 503))
CLOSE = {"Connection": "close"}
"""The header of a response after which the connection is closed, such as one before which a body is not read."""
MAX_DETAIL_LENGTH = 1000
"""Largest number of characters of a detail message, which may quote the request."""
_STATUS_OF_ERROR: tuple[tuple[type[MoodError], int], ...] = (
    (OverloadedError, 503),
    (RemoteError, 502),
    (InputError, 422),
    (ModelError, 500),
    (MoodError, 500),
)
SCHEMA = {"$ref": "#/components/schemas/ProblemBody"}
"""The schema of problem details, which `imagemood.serve.schemas.v1` defines."""
_EXAMPLES = {
    400: "the header Host is missing",
    401: "a valid bearer token is required",
    403: "pages of other sites may not use this service",
    404: "no such route",
    406: "unsupported Accept: image/png",
    408: "the body did not arrive within 30 s",
    413: "the body is larger than 20,000,000 bytes",
    415: "unsupported Content-Encoding: br; send gzip, deflate or zstd, or no compression",
    421: "this service has no host 'attacker.example'",
    422: "query.tpo: unknown parameter; did you mean 'top'?",
    502: "the server did not respond in time",
    503: "too many requests are waiting (retry later)",
}


def default_delay_s(_: float | None) -> int:
    """Return the value of ``Retry-After`` without an estimate."""
    return RETRY_AFTER_S


class Problem(Exception):  # noqa: N818 (RFC 9457's term)
    """An error response with a status, a detail message, and optional headers.

    Examples
    --------
    >>> Problem(415, "send JSON or protobuf").body()["title"]
    'Unsupported Media Type'
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail if len(detail) <= MAX_DETAIL_LENGTH else f"{detail[:MAX_DETAIL_LENGTH]}…"
        self.headers = dict(headers or {})
        self.retry_after_s: float | None = None  # as an error estimates it
        self.has_default_delay = status in BUSY_STATUSES and "Retry-After" not in self.headers
        if self.has_default_delay:
            self.headers["Retry-After"] = str(RETRY_AFTER_S)

    @classmethod
    def from_error(cls, error: MoodError, *, picture: str | None = None) -> Problem:
        """Create the problem for an error of this package, with the status of the error's class.

        If the error is that of `picture`, whose name the client knows, the detail does not repeat the name.
        """
        status = next(status for kind, status in _STATUS_OF_ERROR if isinstance(error, kind))
        is_of_picture = picture is not None and error.where == picture
        problem = cls(status, error.message if is_of_picture else str(error))
        problem.retry_after_s = getattr(error, "retry_after_s", None)
        return problem

    def body(self) -> dict[str, Any]:
        """Return the fields ``type``, ``title``, ``status`` and ``detail``."""
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }

    def response(self, path: str = "", retry_after_s: Callable[[float | None], int] = default_delay_s) -> Response:
        """Create the response, with the additional fields that the protocol of a route requires.

        These are ``error`` under ``/v2`` (Open Inference Protocol), and also ``code`` under ``/api`` (PhotoPrism).
        """
        extension: dict[str, Any] = {"error": self.detail} if path.startswith(("/v2", "/api/")) else {}
        if path.startswith("/api/"):
            extension["code"] = self.status
        content = to_json({**self.body(), **extension})
        if self.has_default_delay:
            self.headers["Retry-After"] = str(retry_after_s(self.retry_after_s))
        return Response(content, self.status, headers=self.headers, media_type=MEDIA_TYPE)

    def message(self) -> bytes:
        """Return the response as it is sent over a connection, for requests that the application does not see."""
        content = to_json(self.body())
        headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(content)), **self.headers}
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def to_json(value: Any) -> bytes:
    r"""Return JSON in UTF-8, in which half of a surrogate pair, which UTF-8 does not have, remains an escape.

    Examples
    --------
    >>> to_json("é\ud800")
    b'"\xc3\xa9\\ud800"'
    """
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def format_validation_errors(errors: Sequence[Mapping[str, Any]]) -> str:
    """Format the first error of a pydantic `ValidationError` in one line, and the number of the others.

    Examples
    --------
    >>> format_validation_errors([{"loc": ("query", "top"), "msg": "Input should be greater than 0"}])
    'query.top: input should be greater than 0'
    """
    location, message = ".".join(map(str, errors[0]["loc"])), errors[0]["msg"]
    message = f"{message[:1].lower()}{message[1:]}"
    others = f"; {len(errors) - 1:,} more" if len(errors) > 1 else ""
    return f"{location}: {message}{others}" if location else f"{message}{others}"


def add_handlers(app: FastAPI, retry_after_s: Callable[[float | None], int] = default_delay_s) -> None:
    """Register handlers that respond to errors with problem details.

    `retry_after_s` returns the value of ``Retry-After`` for the estimate of an error, or without one.
    """

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> Response:
        return without_traceback(problem).response(request.scope["path"], retry_after_s)

    @app.exception_handler(MoodError)
    async def on_mood_error(request: Request, error: MoodError) -> Response:
        return await on_problem(request, Problem.from_error(without_traceback(error)))

    @app.exception_handler(RequestValidationError)
    async def on_validation_error(request: Request, error: RequestValidationError) -> Response:
        detail = format_validation_errors(without_traceback(error).errors())
        return Problem(422, detail).response(request.scope["path"])

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        path = request.scope["path"]
        headers = dict(error.headers or {})
        detail = str(without_traceback(error).detail)
        if error.status_code == 404:
            detail = "no such route"
            if len(path) > 1 and path.endswith("/"):
                detail += "; its path may not end with a slash"
        elif error.status_code == 405:
            detail = "method not allowed for this route"
            if "GET" in headers.get("Allow", ""):
                headers["Allow"] = ", ".join(sorted({*re.split(r",\s*", headers["Allow"]), "HEAD"}))
        return Problem(error.status_code, detail, headers).response(path)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe problem responses for the ``responses`` parameter of a FastAPI route.

    Examples
    --------
    >>> list(problem_responses(413))
    [413]
    """
    return {status: _describe(status) for status in statuses}


def _describe(status: int) -> dict[str, Any]:
    example = Problem(status, _EXAMPLES[status]).body()
    described: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": SCHEMA, "example": example}},
    }
    if status in BUSY_STATUSES:
        schema = {"type": "integer", "minimum": 1}
        header = {"description": "Seconds after which a request may succeed.", "schema": schema}
        described["headers"] = {"Retry-After": header}
    return described
