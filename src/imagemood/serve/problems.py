"""What went wrong, as HTTP says it: a status, and a problem body (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from imagemood.errors import InputError, ModelError, MoodError, OverloadedError, RemoteError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 1
_STATUS: tuple[tuple[type[MoodError], int], ...] = (
    (OverloadedError, 503),
    (RemoteError, 502),
    (InputError, 422),
    (ModelError, 500),
    (MoodError, 500),
)


class Problem(Exception):  # noqa: N818 (RFC 9457's word)
    """An answer that is a problem.

    Parameters
    ----------
    status : int
        The HTTP status.
    detail : str
        What is wrong, and what to do.
    headers : mapping of str to str, optional
        Headers of the answer.

    Examples
    --------
    >>> Problem(415, "send JSON or protobuf").body()["title"]
    'Unsupported Media Type'
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        if status in (429, 503):
            self.headers.setdefault("Retry-After", str(RETRY_AFTER_S))

    @classmethod
    def of(cls, error: MoodError) -> Problem:
        """Say an error of ours in HTTP's words.

        Parameters
        ----------
        error : MoodError
            What was raised.

        Returns
        -------
        Problem
            With the status that fits the error's class.
        """
        return cls(next(status for kind, status in _STATUS if isinstance(error, kind)), str(error))

    def body(self) -> dict[str, Any]:
        """Give the problem's fields.

        Returns
        -------
        dict
            ``type``, ``title``, ``status`` and ``detail``.
        """
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }

    def response(self, path: str = "") -> Response:
        """Give the answer.

        Parameters
        ----------
        path : str
            What was asked for. Under ``/v2``, the body has what that protocol's clients look for, too.

        Returns
        -------
        Response
            Its body is `body` in JSON.
        """
        extension = {"error": self.detail} if path.startswith("/v2") else {}
        content = json.dumps({**self.body(), **extension}, ensure_ascii=False)
        return Response(content, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def sentence(errors: Sequence[Mapping[str, Any]]) -> str:
    """Say what pydantic found, in one line.

    Parameters
    ----------
    errors : sequence of mapping
        Its list of errors.

    Returns
    -------
    str
        Where each is, and what.

    Examples
    --------
    >>> sentence([{"loc": ("query", "top"), "msg": "Input should be greater than 0"}])
    'query.top: input should be greater than 0'
    """
    places = ((".".join(str(part) for part in error["loc"]), error["msg"]) for error in errors)
    return "; ".join(f"{place}: {message[:1].lower()}{message[1:]}" for place, message in places)


def install(app: FastAPI) -> None:
    """Have an application answer errors by problems.

    Parameters
    ----------
    app : FastAPI
        The application.
    """

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> Response:
        return problem.response(request.url.path)

    @app.exception_handler(MoodError)
    async def on_mood_error(request: Request, error: MoodError) -> Response:
        return Problem.of(error).response(request.url.path)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        return Problem(422, sentence(error.errors())).response(request.url.path)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        detail = {404: "there is no such route", 405: "the route does not take this method"}.get(error.status_code)
        problem = Problem(error.status_code, detail or str(error.detail), error.headers)
        return problem.response(request.url.path)


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe problems for OpenAPI.

    Parameters
    ----------
    *statuses : int
        HTTP statuses that a route may answer with.

    Returns
    -------
    dict
        What FastAPI's ``responses`` takes.

    Examples
    --------
    >>> list(described(413))
    [413]
    """
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
        for status in statuses
    }
