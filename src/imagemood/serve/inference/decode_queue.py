"""Decodes the pictures of requests in separate processes, such that slow ones do not delay the others."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from imagemood._tracebacks import without_traceback
from imagemood.errors import MoodError
from imagemood.pictures.picture import Picture
from imagemood.pictures.pixels.resizing import Resizing
from imagemood.pictures.processes.decoder_process import LargePictureError
from imagemood.pictures.processes.decoder_processes import DecoderProcesses, Decoding
from imagemood.serve.inference import async_decoding
from imagemood.serve.inference.decoded_picture import DecodedPicture, given_up, needs_no_process
from imagemood.serve.inference.pace import Pace

SLOW_S = 0.5
"""Time after which a picture continues with a low priority, if others are waiting."""
MAX_SMALL_REQUEST = 8
"""Largest number of pictures of a request that may use the whole queue; larger requests may use half of it."""
_RETRY_S = 0.02
_MAX_RETRIES = 50  # while a cancelled picture is ending

_Future = asyncio.Future[Picture]


class _Entry:
    """A picture in the queue, and later its decoding."""

    def __init__(self, picture: Picture, future: _Future) -> None:
        self.picture = picture
        self.future = future
        self.n_retries = 0
        self.decoding = Decoding(accepts_large=False)
        future.add_done_callback(lambda _: self.decoding.cancel() if future.cancelled() else None)


class DecodeQueue:
    """Decodes pictures with as many processes as cores, and slow ones with additional processes.

    The requests take turns, one picture at a time. If other requests are waiting, a picture that takes longer than
    `SLOW_S` continues with a low priority beside them. If there are too many of these, the oldest one is
    cancelled. Pictures that need much memory, which usually take long, have their own queue and processes. Small
    and simple JPEG files are returned as they are, and count as decoded: handing them to a process and back would
    take longer than decoding them in a thread. All methods must be called in the event loop's thread.

    Parameters
    ----------
    decoders, large_decoders : DecoderProcesses
        The processes for pictures that need little memory, and for large ones.
    size_px : int
        The side of the square to which pictures are resized.
    resizing : Resizing, optional
        How they are resized.
    n_processes : int
        Number of pictures that are decoded at the same time.
    n_slow : int
        Number of slow pictures that are decoded in addition.
    capacity : int
        Number of pictures that may wait.
    n_ahead : int
        Number of decoded pictures that `release` has not been called for.
    """

    def __init__(
        self,
        decoders: DecoderProcesses,
        large_decoders: DecoderProcesses,
        *,
        size_px: int,
        resizing: Resizing | None,
        n_processes: int,
        n_slow: int,
        capacity: int,
        n_ahead: int,
    ) -> None:
        self._decoders = decoders
        self._large_decoders = large_decoders
        self._large: deque[_Entry] = deque()
        self._running_large: set[_Entry] = set()
        self.pace = Pace()
        self._n_processes = n_processes
        self._n_slow = n_slow
        self._capacity = capacity
        self._n_ahead = n_ahead
        self._n_decoded = 0
        self._requests: deque[deque[_Entry]] = deque()
        self._background: deque[_Entry] = deque()  # has one turn, as a request has
        self.n_waiting = 0
        self._running: set[_Entry] = set()
        self._slow: dict[_Entry, None] = {}  # in the order in which they became slow
        self._tasks: set[asyncio.Task[None]] = set()
        self._decode_with = partial(async_decoding.decode, size_px=size_px, resizing=resizing)
        self._pool = ThreadPoolExecutor(2 * n_processes + n_slow + 1, thread_name_prefix="decode")

    def n_arriving(self) -> int:
        """Return the number of pictures that will soon be decoded."""
        return self.n_waiting + len(self._running)

    @property
    def is_decoding(self) -> bool:
        """Whether processes of normal priority are decoding pictures."""
        return bool(self._running)

    def check_capacity(self, n_pictures: int = 1) -> None:
        """Raise `OverloadedError` if the queue cannot take `n_pictures` more."""
        limit = self._capacity if n_pictures <= MAX_SMALL_REQUEST else max(self._capacity // 2, n_pictures)
        if self.n_waiting + n_pictures > limit:
            raise self.pace.overloaded(self.n_waiting)

    def skip(self, picture: Picture) -> bool:
        """Return whether a picture can be used without queueing it, and in this case count it as decoded.

        This is the fast path for a small and simple JPEG file while no picture waits.
        """
        if self._requests or self._n_decoded >= self._n_ahead or not needs_no_process(picture):
            return False
        self._n_decoded += 1
        return True

    def submit(self, pictures: Sequence[Picture], *, in_background: bool = False) -> list[_Future]:
        """Queue all pictures of a request, or none, and return a future of each decoded picture.

        A picture that a process cannot decode becomes one with its `error` set. Cancelled futures cancel the
        decoding. All pictures in the background together have the turns of one request, and do not end slow ones.
        Their number is not limited here.
        """
        if not in_background:
            self.check_capacity(len(pictures))
        loop = asyncio.get_running_loop()
        entries = deque(_Entry(picture, loop.create_future()) for picture in pictures)
        futures = [entry.future for entry in entries]
        self.n_waiting += len(entries)
        if not in_background:
            self._requests.append(entries)
        else:
            if not self._background:
                self._requests.append(self._background)
            self._background.extend(entries)
        self._dispatch()
        return futures

    def _dispatch(self) -> None:
        while self._requests and len(self._running) < self._n_processes and self._n_decoded < self._n_ahead:
            request = self._requests.popleft()
            entry = request.popleft()
            if request:
                self._requests.append(request)
            self.n_waiting -= 1
            self._start(entry, self._running)
        while self._large and len(self._running_large) < self._n_processes and self._n_decoded < self._n_ahead:
            self._start(self._large.popleft(), self._running_large)

    def _start(self, entry: _Entry, running: set[_Entry]) -> None:
        if entry.future.done():
            return
        if running is self._running and needs_no_process(entry.picture):
            self._n_decoded += 1
            entry.future.set_result(entry.picture)
        else:
            running.add(entry)
            task = asyncio.ensure_future(self._run(entry))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def release(self) -> None:
        """Declare that a decoded picture has been used."""
        self._n_decoded -= 1
        self._dispatch()

    async def _run(self, entry: _Entry) -> None:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(SLOW_S, self._on_slow, entry)
        try:
            decoded = await self._decode(entry)
            if decoded is None:
                if self._queue_large(entry):
                    return
                decoded = given_up(entry.picture.name)
            if not entry.future.done():
                self._n_decoded += 1
                entry.future.set_result(decoded)
        except Exception as error:  # the request that waits for it raises it
            if not entry.future.done():
                entry.future.set_exception(error)
        finally:
            timer.cancel()
            self._running.discard(entry)
            self._running_large.discard(entry)
            self._slow.pop(entry, None)
            self._dispatch()

    def _queue_large(self, entry: _Entry) -> bool:
        """Queue a large picture unless too many are waiting, and return whether it was queued."""
        if len(self._large) >= self._capacity // 2:
            return False
        entry.decoding = Decoding()
        self._large.append(entry)
        return True

    async def _decode(self, entry: _Entry) -> Picture | None:
        """Return the decoded picture, one with an error, or None if it is large."""
        picture, decoding = entry.picture, entry.decoding
        decoders = self._large_decoders if decoding.accepts_large else self._decoders
        try:
            pixels = await self._decode_with(decoders, picture, decoding, executor=self._pool)
            return DecodedPicture(picture.name, pixels)
        except LargePictureError:
            return None
        except MoodError as error:
            if decoding.is_cancelled:
                return given_up(picture.name)
            return Picture.failed(picture.name, without_traceback(error))

    def _on_slow(self, entry: _Entry) -> None:
        """Let other pictures take the place of a picture that takes long."""
        if entry not in self._running:
            return
        if self.n_waiting == len(self._background) or not entry.decoding.has_started:
            self._check_again(entry, SLOW_S)
        elif len(self._slow) < self._n_slow:
            self._running.discard(entry)
            self._slow[entry] = None
            entry.decoding.lower_priority()
            self._pool.submit(self._decoders.prepare, 1)
            self._dispatch()
        else:
            is_ending = any(slow.decoding.is_cancelled for slow in self._slow)
            if not is_ending or entry.n_retries > _MAX_RETRIES:
                next((slow for slow in self._slow if not slow.decoding.is_cancelled), entry).decoding.cancel()
            entry.n_retries += 1
            self._check_again(entry, _RETRY_S)

    def _check_again(self, entry: _Entry, delay_s: float) -> None:
        asyncio.get_running_loop().call_later(delay_s, self._on_slow, entry)

    async def close(self) -> None:
        """End the processes and the threads; pictures that are waiting fail."""
        for decoders in (self._decoders, self._large_decoders):
            decoders.close()
        for entry in self._large:
            entry.future.cancel()
        self._large.clear()
        with contextlib.suppress(IndexError):
            while True:
                for entry in self._requests.popleft():
                    entry.future.cancel()
        self._background.clear()
        self.n_waiting = 0
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._pool.shutdown()
