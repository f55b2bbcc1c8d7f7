"""One process that decodes pictures, as its parent process sees it."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import ImageError, MoodError, first_line
from imagemood.pictures.pixels import memory_budget
from imagemood.pictures.pixels.resizing import Resizing
from imagemood.pictures.processes import decoder_protocol
from imagemood.pictures.processes.decoder_protocol import (
    MAX_OPTIONS_BYTES,
    Kind,
    MessageError,
    Options,
    parse_size,
)
from imagemood.pictures.processes.decoder_start import describe_exit, free_bytes, start
from imagemood.pictures.processes.process_watchdog import Watchdog

CLOSED = "the decoder processes have been closed"
CANCELLED = "decoding was cancelled"
LOW_PRIORITY = 5
"""Priority of a process that lets others run first, as POSIX's nice value.

On a busy core, it receives a third of the time of another process.
"""
_START_TIMEOUT_S = 60.0
_END_TIMEOUT_S = 5.0
_EXIT_TIMEOUT_S = 1.0  # after a process has closed the connection
_ALARM = getattr(signal, "SIGALRM", 0)
# The program does not depend on the main module of this one, which may be a notebook or standard input.
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[1:]; from imagemood.pictures.processes.decoder_worker import main; main()"
)


class LargePictureError(ImageError):
    """A picture needs so much memory that it would have to wait for the memory of others."""


class DecoderProcess:
    """A process that decodes one picture at a time.

    Parameters
    ----------
    timeout_s : float
        Time limit for decoding one picture.
    watchdog : Watchdog
        Ends the process after this time.
    name : str
        The name of the picture for which the process is started.

    Attributes
    ----------
    n_decoded : int
        Number of pictures that the process has received.
    is_usable : bool
        Whether it can decode another picture.
    has_low_priority : bool
        Whether its priority has been lowered, which cannot be undone.

    Raises
    ------
    ImageError
        If the process cannot be started.
    """

    def __init__(self, timeout_s: float, watchdog: Watchdog, name: str) -> None:
        self._timeout_s = timeout_s
        self._watchdog = watchdog
        self._is_ready = self._is_expired = self._is_polled = self.has_low_priority = False
        self._reason: str | None = None  # why another thread has ended the process
        self.n_decoded = 0
        self.is_usable = True
        try:
            self._process = start(_PROGRAM)
        except (OSError, ValueError) as error:
            raise ImageError(f"no decoder process can be started: {first_line(error)}", where=name) from error
        self._requests = cast(IO[bytes], self._process.stdin)
        self._responses = io.BufferedReader(cast(io.RawIOBase, self._process.stdout))

    def is_running(self) -> bool:
        """Return whether the process has not ended."""
        return self._process.poll() is None

    def wait_until_ready(self, name: str) -> None:
        """Wait until the process has started; raise `ImageError` if it does not start."""
        if self._is_ready:
            return
        self.is_usable = False
        try:
            self._exchange(_START_TIMEOUT_S, 0, Kind.READY)
        except (MessageError, OSError):
            reason = self._end_after_failure()
            raise ImageError(f"no decoder process can be started: {reason}", where=name) from None
        self._is_ready = self.is_usable = True

    def decode(
        self,
        content: bytes,
        *,
        name: str,
        size_px: int | None,
        resizing: Resizing | None,
        max_pixels: int,
        accepts_large: bool = True,
    ) -> NDArray[np.uint8]:
        """Decode a picture; the parameters and errors are those of `imagemood.pictures.pixels.decoding.decode`.

        Unless `accepts_large`, `LargePictureError` is raised if the picture needs so much memory that it would
        have to wait for the memory of others. If the process ended, or had to be ended, `is_usable` is False
        afterwards.
        """
        options = self.send(content, size_px=size_px, resizing=resizing, max_pixels=max_pixels)
        return self.receive(options, name=name, accepts_large=accepts_large)

    def can_send(self, content: bytes) -> bool:
        """Return whether `send` would return at once, although the process may do nothing."""
        return free_bytes(self._requests) > len(content) + MAX_OPTIONS_BYTES

    def send(self, content: bytes, *, size_px: int | None, resizing: Resizing | None, max_pixels: int) -> Options:
        """Send a picture; `receive` must be called with the result, before or after the answer has arrived."""
        self.n_decoded += 1
        self.is_usable = False  # until the answer is complete
        options = Options(len(content), self._timeout_s, size_px, resizing, max_pixels)
        self._watchdog.start(self._process, self._timeout_s)
        with contextlib.suppress(OSError):  # `receive` reports that the process has ended
            decoder_protocol.write(self._requests, Kind.OPTIONS, options.to_json())
            decoder_protocol.write(self._requests, Kind.CONTENT, content)
        return options

    def receive(
        self,
        options: Options,
        *,
        name: str,
        accepts_large: bool = True,
        arrived: bytes | bytearray | None = None,
    ) -> NDArray[np.uint8]:
        """Return the pixels of the picture that was sent, or raise the errors of `decode`.

        If a part of the answer has been read from `responses`, it must be passed as `arrived`.
        """
        try:
            kind, answer = self._receive(name, options.max_answer_bytes, arrived, accepts_large=accepts_large)
            pixels = options.parse_pixels(answer) if kind is Kind.PIXELS else None
        except (MessageError, OSError):
            raise ImageError(self._end_after_failure(), where=name) from None
        self.is_usable = not self._is_expired
        if pixels is None:
            what, _, hint = bytes(answer).decode("utf-8", "replace").partition("\0")
            raise ImageError(what, where=name, hint=hint or None)
        return pixels

    @property
    def responses(self) -> int:
        """The file descriptor from which an event loop can read the answers."""
        self._is_polled = True
        return self._responses.fileno()

    def _stop_polling(self) -> None:
        """Let reads wait again; the event loop uvloop has set the pipe such that they do not."""
        if self._is_polled:
            os.set_blocking(self._responses.fileno(), True)
            self._is_polled = False

    def _receive(
        self, name: str, max_bytes: int, arrived: bytes | bytearray | None, *, accepts_large: bool
    ) -> tuple[Kind, bytes | memoryview]:
        """Return the answer, and before that the memory that the process needs if the picture is large."""
        answers = Kind.PIXELS, Kind.FAILURE
        answer: bytes | memoryview
        try:
            if arrived is None:
                self._stop_polling()
                kind, answer = decoder_protocol.read(self._responses, max_bytes, *answers, Kind.MEMORY_NEEDED)
            else:
                kind, answer = decoder_protocol.parse(arrived, max_bytes, *answers, Kind.MEMORY_NEEDED)
        finally:
            self._is_expired |= self._watchdog.stop(self._process)
        if kind is not Kind.MEMORY_NEEDED:
            return kind, answer
        n_bytes = parse_size(answer)
        with contextlib.ExitStack() as stack:
            try:
                if not accepts_large:
                    raise LargePictureError("it needs much memory", where=name)
                stack.enter_context(memory_budget.shared().reserve(n_bytes, name=name))
            except MoodError:
                self._exchange(self._timeout_s, max_bytes, Kind.FAILURE, message=Kind.MEMORY_REFUSED)
                self.is_usable = not self._is_expired
                raise
            return self._exchange(self._timeout_s, max_bytes, *answers, message=Kind.MEMORY_GRANTED)

    def _exchange(
        self, timeout_s: float, max_bytes: int, *expected: Kind, message: Kind | None = None
    ) -> tuple[Kind, bytes]:
        """Send a message without content, or none, and return the answer, within a time limit."""
        self._stop_polling()
        self._watchdog.start(self._process, timeout_s)
        try:
            if message is not None:
                decoder_protocol.write(self._requests, message, b"")
            return decoder_protocol.read(self._responses, max_bytes, *expected)
        finally:
            self._is_expired |= self._watchdog.stop(self._process)

    def lower_priority(self) -> None:
        """Let other processes run first, where the system can do this."""
        self.has_low_priority = True
        if hasattr(os, "setpriority"):  # not on Windows
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, LOW_PRIORITY)

    def cancel(self) -> None:
        """End the process at once, while another thread waits for its answer."""
        self._reason = CANCELLED
        self._process.kill()

    def close(self) -> None:
        """End the process at once, while another thread waits for its answer and will release its resources."""
        self._reason = CLOSED
        self._process.kill()

    def end(self) -> None:
        """End the process at once, and release its resources."""
        self.is_usable = False
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_TIMEOUT_S)
        self._requests.close()
        self._responses.close()

    def _end_after_failure(self) -> str:
        """End the process if it has not ended itself, and return the reason."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_EXIT_TIMEOUT_S)
        code = self._process.returncode
        self.end()
        if self._reason is not None:
            return self._reason
        if self._is_expired or code == -_ALARM:
            return f"decoding took longer than {self._timeout_s:g} s"
        return describe_exit(code)
