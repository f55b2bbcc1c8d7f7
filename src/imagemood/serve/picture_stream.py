"""Answers a request with any number of pictures: each one as soon as it is classified, while others arrive.

The body is read only while more pictures and answers may be held, so that neither a client that sends
quickly nor one that does not read takes much memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from typing import Any

from starlette.types import Receive, Send

from imagemood._tracebacks import without_traceback
from imagemood.errors import MoodError, OverloadedError
from imagemood.serve.answers import Answers
from imagemood.serve.memory import HeldMemory
from imagemood.serve.moods_query import MoodsQuery
from imagemood.serve.problems import CLOSE, Problem
from imagemood.serve.request_bodies.bodies import Body
from imagemood.serve.request_bodies.body_parts import Part, PartParser
from imagemood.serve.service import Service
from imagemood.serve.uploads import MAX_FETCHES, ParsedInput, to_pictures

MAX_PICTURES = 32
"""Number of pictures of a stream that are in progress at the same time."""
MAX_PICTURE_BYTES = 32_000_000
"""Number of bytes of the pictures in progress above which no further picture is read."""
MAX_UNREAD_BYTES = 4_000_000
"""Number of bytes of answers that the client has not read above which no further picture is read."""
_RETRY_S = 0.05
_STOPPING = "the service is stopping; send the pictures without an answer again"
_NEEDED = "the picture arrives slowly, and its memory is needed for other requests"
_logger = logging.getLogger("imagemood.serve")


class PictureStream:
    """The pictures of one request, and their answers: a line of JSON for each, and a last one with a summary.

    Parameters
    ----------
    service : Service
        The models, queues and limits.
    query : MoodsQuery
        What the answers contain.
    parser : PartParser
        Splits the body into its parts.
    parse : callable or None
        Parses the content of a part, which otherwise is a picture.
    answers : Answers
        The response.
    """

    def __init__(
        self,
        service: Service,
        query: MoodsQuery,
        parser: PartParser,
        parse: Callable[[bytes], ParsedInput] | None,
        answers: Answers,
    ) -> None:
        self._service = service
        self._query = query
        self._parser = parser
        self._parse = parse
        self._limits = service.settings.limits
        self._arriving = HeldMemory(service.memory)  # of the picture that is not complete
        self._waited_s = 0.0  # for the client to send it
        self._timer: asyncio.Timeout | None = None
        self._fetches = asyncio.Semaphore(MAX_FETCHES)
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers = answers
        self._n_pictures = self._n_picture_bytes = 0
        self._is_read = self._is_disconnected = False
        self._problem: Problem | None = None
        self._has_capacity = asyncio.Event()
        self._has_news = asyncio.Event()

    async def run(self, receive: Receive, send: Send) -> None:
        """Read the request and send the response. A problem before the first answer is raised."""
        reader = asyncio.ensure_future(self._read(receive))
        reader.add_done_callback(lambda _: self._has_news.set())
        try:
            await self._write(reader, send)
        except asyncio.CancelledError:  # the time for stopping the service is over
            if not (self._answers or self._answers.has_started):
                raise
            await self._answers.send(send)
            await self._answers.send_summary(send, Problem(503, _STOPPING))
        finally:
            tasks = [reader, *self._tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._arriving.release()
            self._answers.clear()

    async def _read(self, receive: Receive) -> None:
        """Read the body, and start to classify each picture that is complete."""
        try:
            async for chunk in self._chunks(receive):
                for part in self._parser.feed(chunk):
                    await self._start(part)
                await self._hold_arriving()
            if not self._is_disconnected:
                for part in self._parser.finish():
                    await self._start(part)
                if not self._n_pictures:
                    raise Problem(422, "the request contains no pictures")
        except Problem as problem:
            self._problem = without_traceback(problem)
        self._is_read = True
        self._has_news.set()
        while self._problem is None and not self._is_disconnected:
            self._is_disconnected = (await receive())["type"] == "http.disconnect"

    async def _chunks(self, receive: Receive) -> AsyncIterator[bytes]:
        """Yield the chunks of the body, and limit the time in which only the client can go on."""
        loop, limit_s = asyncio.get_running_loop(), self._limits.body_timeout_s
        while True:
            start = loop.time()
            try:
                async with asyncio.timeout(limit_s - self._waited_s) as self._timer:
                    message = await receive()
            except TimeoutError:
                if not self._tasks:
                    raise Problem(408, f"no complete picture arrived within {limit_s:g} s", CLOSE) from None
                self._waited_s = 0.0
                continue
            finally:
                self._timer = None
            self._waited_s += loop.time() - start
            self._is_disconnected = message["type"] == "http.disconnect"
            yield message.get("body", b"")
            if not message.get("more_body", False):
                return

    async def _hold_arriving(self) -> None:
        """Count the memory of the picture that is not complete, or give the picture up if there is none for it."""
        n_more = self._parser.n_pending - self._arriving.n_bytes
        if n_more <= 0:
            self._arriving.release(-n_more)
            return
        is_new = not self._arriving.n_bytes
        try:
            await self._reserve(self._arriving, n_more)
        except OverloadedError as error:
            self._arriving.release()
            self._parser.fail(Problem.from_error(error))
        else:
            if is_new:
                self._arriving.allow_eviction(lambda: self._parser.fail(Problem(503, _NEEDED)))

    async def _reserve(self, memory: HeldMemory, n_bytes: int) -> None:
        """Count memory, and wait for other requests if they use too much; raise `OverloadedError` at last."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._limits.response_timeout_s
        while True:
            try:
                memory.add(n_bytes)
            except OverloadedError:
                if loop.time() > end:
                    raise
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def _start(self, part: Part) -> None:
        """Start to classify a picture as soon as there is capacity for it."""
        self._waited_s = 0.0
        memory = HeldMemory(self._service.memory, self._limits.max_bytes)
        self._arriving.release()
        try:
            await self._reserve(memory, len(part.content) + self._service.engine.picture_bytes)
        except OverloadedError as error:
            part = Part(b"", part.name, Problem.from_error(error))
        self._n_picture_bytes += len(part.content)
        try:
            while (
                len(self._tasks) >= MAX_PICTURES
                or (self._n_picture_bytes > MAX_PICTURE_BYTES and self._tasks)
                or self._answers.n_bytes > MAX_UNREAD_BYTES
            ):
                self._has_capacity.clear()
                await self._has_capacity.wait()
        except asyncio.CancelledError:
            memory.release()
            raise
        task = asyncio.ensure_future(self._answer(self._n_pictures, part, memory))
        self._n_pictures += 1
        self._tasks.add(task)
        task.add_done_callback(self._on_answered)

    def _on_answered(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._timer is not None and not (self._tasks or self._timer.expired()):
            # The client may have waited for the answer before it sends the next picture.
            self._timer.reschedule(asyncio.get_running_loop().time() + self._limits.body_timeout_s)
        self._has_news.set()
        self._has_capacity.set()

    async def _answer(self, index: int, part: Part, memory: HeldMemory) -> None:
        """Classify a picture and queue the answer."""
        try:
            fields = await self._classify(part, memory)
        except asyncio.CancelledError:
            memory.release()
            raise
        finally:
            self._n_picture_bytes -= len(part.content)
        self._answers.add({"index": index, **fields}, memory)

    async def _classify(self, part: Part, memory: HeldMemory) -> dict[str, Any]:
        """Return the fields of `PictureResult` for the picture in a part."""
        name = part.name
        try:
            if part.error is not None:
                raise part.error
            body = Body(part.content, memory)
            entry = ParsedInput(name, part.content)
            if (parse := self._parse) is not None:
                entry = await self._service.bodies.parse(body, lambda: parse(part.content))
                name = entry.name
                await self._reserve(memory, len(entry.content or b""))
            async with nullcontext() if entry.url is None else self._fetches:
                (picture,) = await to_pictures([entry], self._service, body)
            prediction = await self._service.engine.predict_in_background(picture, self._query.options)
            (fields,) = await self._query.render([prediction])
        except Problem as problem:
            fields = {"image": name, "error": without_traceback(problem).body()}
        except MoodError as error:
            fields = {"image": name, "error": Problem.from_error(without_traceback(error), picture=name).body()}
        except Exception:  # the other pictures can be answered
            _logger.exception("a picture of a stream failed")
            fields = {"image": name, "error": Problem(500, "internal error; see the log of the service").body()}
        return fields

    async def _write(self, reader: asyncio.Future[None], send: Send) -> None:
        """Send the answers while they are computed, and the summary."""
        is_complete = False
        while not is_complete:
            await self._has_news.wait()
            self._has_news.clear()
            if self._is_disconnected:
                return
            if reader.done():
                reader.result()  # raises what was not expected
            is_complete = self._is_read and not self._tasks
            if self._problem is not None and is_complete and not (self._answers or self._answers.has_started):
                raise self._problem
            if self._answers.may_be_sent(is_request_complete=self._is_read):
                await self._answers.send(send)
                self._has_capacity.set()
        await self._answers.send_summary(send, self._problem)
