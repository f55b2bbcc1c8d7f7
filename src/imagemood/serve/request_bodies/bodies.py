"""Reads request bodies, with limits on their size, on the time to receive them, and on their total memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from imagemood.errors import OverloadedError
from imagemood.serve.memory import HeldMemory, MemoryInFlight
from imagemood.serve.problems import CLOSE, Problem
from imagemood.serve.settings import Limits

_T = TypeVar("_T")
_MAX_INLINE_BYTES = 200_000  # parsing a smaller body takes less time than handing it to a thread
_DISCARD_S = 10.0  # for the rest of a body that is too large
PARSER_COPIES = 6
"""Memory that parsing takes, as a multiple of the body's size."""


@dataclass(frozen=True, eq=False)
class Body:
    """The body of a request, and the memory that the request uses."""

    content: bytes
    memory: HeldMemory


class BodyReader:
    """Reads request bodies, and parses large ones one after the other, which limits the memory that this takes."""

    def __init__(self, limits: Limits, memory: MemoryInFlight) -> None:
        self._limits = limits
        self._memory = memory
        self._parsing = asyncio.Lock()

    @asynccontextmanager
    async def read(self, request: Request, max_bytes: int | None = None) -> AsyncIterator[Body]:
        """Read the body of a request. It counts as held in memory until the ``with`` block ends.

        `max_bytes` may be stricter than the limit for all requests. A problem is raised with status 413 if the
        body is too large, or 408 if it takes too long to arrive, and `OverloadedError` if all requests together
        use too much memory.
        """
        max_bytes = min(max_bytes or self._limits.max_bytes, self._limits.max_bytes)
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > max_bytes:
            raise _too_large(max_bytes)
        with self._memory.hold(max_bytes) as held:
            yield Body(await self._receive(request, held, max_bytes), held)

    async def _receive(self, request: Request, held: HeldMemory, max_bytes: int) -> bytes:
        timeout_s = self._limits.body_timeout_s
        body = bytearray()
        is_evicted = False

        def evict() -> None:
            nonlocal is_evicted
            is_evicted = True
            body.clear()
            timeout.reschedule(asyncio.get_running_loop().time())

        try:
            async with asyncio.timeout(timeout_s) as timeout:
                held.allow_eviction(evict)
                rest = await self._collect(request, held, max_bytes, body)
        except TimeoutError:
            if is_evicted:
                detail = "the body arrives slowly, and its memory is needed for other requests"
                raise Problem(503, detail, CLOSE) from None
            raise Problem(408, f"the body did not arrive within {timeout_s:g} s", CLOSE) from None
        except ClientDisconnect:
            raise Problem(400, "the client disconnected before its body was complete") from None
        except OverloadedError as error:
            raise Problem(503, str(error), CLOSE) from error
        finally:
            held.keep()
        if rest is not None:
            await _discard(rest, max_bytes)
            raise _too_large(max_bytes)
        return bytes(body)

    async def _collect(
        self, request: Request, held: HeldMemory, max_bytes: int, body: bytearray
    ) -> AsyncIterator[bytes] | None:
        """Append the parts of a body that arrive. If it is too large, return the rest of it."""
        chunks = request.stream()
        async for chunk in chunks:
            if len(body) + len(chunk) > max_bytes:
                body.clear()
                held.release()
                return chunks
            held.receive(len(chunk))
            body += chunk
        return None

    async def parse(self, body: Body, parse: Callable[[], _T], copies: int = PARSER_COPIES) -> _T:
        """Run a parser: in the event loop if the body is small, otherwise in a thread, so that others can run."""
        n_bytes = len(body.content)
        if n_bytes <= _MAX_INLINE_BYTES:
            return parse()
        async with self._parsing:
            body.memory.add(copies * n_bytes)
            try:
                return await run_in_threadpool(parse)
            finally:
                body.memory.release(copies * n_bytes)


async def _discard(chunks: AsyncIterator[bytes], max_bytes: int) -> None:
    """Receive the rest of a body that is too large.

    A proxy or client that still sends the body may lose the response, or answer with a status of its own. If the
    rest is longer than `max_bytes`, or arrives slowly, the response is sent nevertheless.
    """
    with contextlib.suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(_DISCARD_S):
            async for chunk in chunks:
                max_bytes -= len(chunk)
                if max_bytes < 0:
                    break


def _too_large(max_bytes: int) -> Problem:
    return Problem(413, f"the body is larger than {max_bytes:,} bytes", CLOSE)
