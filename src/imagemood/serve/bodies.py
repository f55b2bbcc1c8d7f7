"""Bodies of requests, read within limits of size, time, and memory held by all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from imagemood.errors import OverloadedError
from imagemood.serve.problems import Problem
from imagemood.serve.settings import Limits

_T = TypeVar("_T")
_INLINE_BYTES = 200_000  # what is read sooner than another thread would take it up
_CLOSE = {"Connection": "close"}  # what still comes of the body is not waited for


class Bodies:
    """Reads bodies, and knows how many bytes of them are held.

    Parameters
    ----------
    limits : Limits
        Size, time, and memory.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._n_held = 0

    @asynccontextmanager
    async def read(self, request: Request, max_bytes: int | None = None) -> AsyncIterator[bytes]:
        """Read the body of a request, and hold it for the length of a ``with`` block.

        Parameters
        ----------
        request : Request
            The request.
        max_bytes : int, optional
            A limit that is stricter than that of all requests.

        Yields
        ------
        bytes
            The body.

        Raises
        ------
        Problem
            413 if it is too large, 408 if it takes too long to arrive.
        OverloadedError
            If too many bytes are held already.
        """
        most = min(max_bytes or self._limits.max_bytes, self._limits.max_bytes)
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > most:
            raise _too_large(most)
        body = bytearray()
        try:
            await self._collect(request, body, most)
            yield bytes(body)
        finally:
            self._n_held -= len(body)

    async def _collect(self, request: Request, body: bytearray, most: int) -> None:
        waited_s = self._limits.body_timeout_s
        try:
            async with asyncio.timeout(waited_s):
                async for chunk in request.stream():
                    body += chunk
                    self._n_held += len(chunk)
                    if len(body) > most:
                        raise _too_large(most)
                    if self._n_held > self._limits.max_held_bytes:
                        raise OverloadedError("the service holds as much as it can", hint="ask again later")
        except TimeoutError:
            raise Problem(408, f"the body did not arrive within {waited_s:g} s", _CLOSE) from None
        except ClientDisconnect:
            raise Problem(400, "the client left before its body was complete") from None


async def aside(work: Callable[[], _T], n_bytes: int) -> _T:
    """Read a message here, or in another thread where it is so large that others would wait.

    Parameters
    ----------
    work : callable
        What reads it.
    n_bytes : int
        How large it is.

    Returns
    -------
    object
        What `work` gives.
    """
    return work() if n_bytes <= _INLINE_BYTES else await run_in_threadpool(work)


def _too_large(most: int) -> Problem:
    return Problem(413, f"the body has more than {most:,} bytes", _CLOSE)
