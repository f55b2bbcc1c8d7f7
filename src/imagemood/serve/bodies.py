"""Reads request bodies, with limits on their size, on the time to receive them, and on their total memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from imagemood.errors import OverloadedError
from imagemood.serve.problems import Problem, format_validation_errors
from imagemood.serve.settings import Limits

_T = TypeVar("_T")
_Model = TypeVar("_Model", bound=BaseModel)
_MAX_INLINE_BYTES = 200_000  # parsing a smaller body takes less time than handing it to a thread
_CLOSE = {"Connection": "close"}  # the rest of the body is not read


class BodyReader:
    """Reads request bodies, and counts the bytes that all of them hold in memory."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._n_held_bytes = 0

    @asynccontextmanager
    async def read(self, request: Request, max_bytes: int | None = None) -> AsyncIterator[bytes]:
        """Read the body of a request. It counts as held in memory until the ``with`` block ends.

        `max_bytes` may be stricter than the limit for all requests. A problem is raised with status 413 if the
        body is too large, or 408 if it takes too long to arrive, and `OverloadedError` if all bodies together use
        too much memory.
        """
        max_bytes = min(max_bytes or self._limits.max_bytes, self._limits.max_bytes)
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > max_bytes:
            raise _too_large(max_bytes)
        body = bytearray()
        try:
            await self._receive(request, body, max_bytes)
            yield bytes(body)
        finally:
            self._n_held_bytes -= len(body)

    async def _receive(self, request: Request, body: bytearray, max_bytes: int) -> None:
        timeout_s = self._limits.body_timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                async for chunk in request.stream():
                    body += chunk
                    self._n_held_bytes += len(chunk)
                    if len(body) > max_bytes:
                        raise _too_large(max_bytes)
                    if self._n_held_bytes > self._limits.max_held_bytes:
                        raise OverloadedError("the requests being processed are too large", hint="retry later")
        except TimeoutError:
            raise Problem(408, f"the body did not arrive within {timeout_s:g} s", _CLOSE) from None
        except ClientDisconnect:
            raise Problem(400, "the client disconnected before its body was complete") from None


def parse_json(body: bytes, model: type[_Model]) -> _Model:
    """Parse JSON and check it against a pydantic model; raise a problem with status 422 if that fails."""
    try:
        return model.model_validate(json.loads(body))
    except ValidationError as error:
        raise Problem(422, format_validation_errors(error.errors())) from error
    except (ValueError, RecursionError) as error:
        raise Problem(422, f"the body is not valid JSON: {error}") from error


async def run_parser(parse: Callable[[], _T], n_bytes: int) -> _T:
    """Run a parser in the event loop if the body is small, otherwise in a thread, so that others can run."""
    return parse() if n_bytes <= _MAX_INLINE_BYTES else await run_in_threadpool(parse)


def _too_large(max_bytes: int) -> Problem:
    return Problem(413, f"the body is larger than {max_bytes:,} bytes", _CLOSE)
