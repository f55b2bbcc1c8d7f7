"""One process that decodes pictures, as its parent process sees it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import ImageError, MoodError, first_line
from imagemood.pictures import decoder_protocol, memory_budget
from imagemood.pictures.decoder_protocol import MAX_FAILURE_BYTES, Kind, MessageError
from imagemood.pictures.process_watchdog import Watchdog
from imagemood.pictures.resizing import Resizing

CLOSED = "the decoder processes have been closed"
_START_TIMEOUT_S = 60.0
_END_TIMEOUT_S = 5.0
_PIPE_BYTES = 2**20  # the largest size that Linux allows without privileges
_EXIT_TIMEOUT_S = 1.0  # after a process has closed the connection
_KILL = getattr(signal, "SIGKILL", 0)
_ALARM = getattr(signal, "SIGALRM", 0)
# The program does not depend on the main module of this one, which may be a notebook or standard input.
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from imagemood.pictures.decoder_worker import main; main()"
_ENVIRONMENT = ("PATH", "PYTHONHOME", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "LANG")
_ENVIRONMENT_PREFIXES = ("LC_", "LD_", "DYLD_", "MALLOC_")
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Otherwise, Python looks up the home folder in the system's database of users, which may be on another machine.
_NO_USER = {"PYTHONUSERBASE": sys.prefix}


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

    Raises
    ------
    ImageError
        If the process cannot be started.
    """

    def __init__(self, timeout_s: float, watchdog: Watchdog, name: str) -> None:
        self._timeout_s = timeout_s
        self._watchdog = watchdog
        self._is_ready = self._is_expired = self._is_closed = False
        self.n_decoded = 0
        self.is_usable = True
        try:
            self._process = _start()
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
        self, content: bytes, *, name: str, size_px: int | None, resizing: Resizing | None, max_pixels: int
    ) -> NDArray[np.uint8]:
        """Decode a picture; the parameters and errors are those of `imagemood.pictures.decoding.decode`.

        If the process had to be ended, or ended itself, `is_usable` is False afterwards.
        """
        self.n_decoded += 1
        self.is_usable = False  # until the answer is complete
        options = {
            "n_bytes": len(content),
            "size_px": size_px,
            "resizing": None if resizing is None else asdict(resizing),
            "max_pixels": max_pixels,
            "timeout_s": self._timeout_s,
        }
        max_bytes = max(8 + 3 * (max_pixels if size_px is None else size_px**2), MAX_FAILURE_BYTES)
        try:
            kind, answer = self._request(content, options, name, max_bytes)
            pixels = _parse_pixels(answer, size_px) if kind is Kind.PIXELS else None
        except (MessageError, OSError):
            raise ImageError(self._end_after_failure(), where=name) from None
        self.is_usable = not self._is_expired
        if pixels is None:
            what, _, hint = answer.decode("utf-8", "replace").partition("\0")
            raise ImageError(what, where=name, hint=hint or None)
        return pixels

    def _request(self, content: bytes, options: dict[str, Any], name: str, max_bytes: int) -> tuple[Kind, bytes]:
        """Send a picture, and the memory that it needs if it is large; return the answer."""
        messages = [(Kind.OPTIONS, json.dumps(options).encode()), (Kind.CONTENT, content)]
        answers = Kind.PIXELS, Kind.FAILURE
        kind, answer = self._exchange(self._timeout_s, max_bytes, *answers, Kind.MEMORY_NEEDED, messages=messages)
        if kind is not Kind.MEMORY_NEEDED:
            return kind, answer
        n_bytes = _parse_size(answer)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(memory_budget.shared().reserve(n_bytes, name=name))
            except MoodError:
                self._exchange(self._timeout_s, max_bytes, Kind.FAILURE, messages=[(Kind.MEMORY_REFUSED, b"")])
                self.is_usable = not self._is_expired
                raise
            return self._exchange(self._timeout_s, max_bytes, *answers, messages=[(Kind.MEMORY_GRANTED, b"")])

    def _exchange(
        self, timeout_s: float, max_bytes: int, *expected: Kind, messages: Sequence[tuple[Kind, bytes]] = ()
    ) -> tuple[Kind, bytes]:
        """Send messages and return the answer, within a time limit."""
        self._watchdog.start(self._process, timeout_s)
        try:
            for kind, content in messages:
                decoder_protocol.write(self._requests, kind, content)
            return decoder_protocol.read(self._responses, max_bytes, *expected)
        finally:
            self._is_expired |= self._watchdog.stop(self._process)

    def close(self) -> None:
        """End the process at once, while another thread waits for its answer and will release its resources."""
        self._is_closed = True
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
        if self._is_closed:
            return CLOSED
        if self._is_expired or code == -_ALARM:
            return f"decoding took longer than {self._timeout_s:g} s"
        if code is None:
            return "the decoder returned an invalid answer"
        if code == -_KILL:
            return "the decoder was killed, probably because of a lack of memory"
        if code < 0:
            return f"the decoder crashed ({_signal_name(-code)})"
        return f"the decoder ended with exit code {code}"


def _start() -> subprocess.Popen[bytes]:
    if not sys.executable or getattr(sys, "frozen", False):
        raise OSError("this program has no Python interpreter of its own")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _ENVIRONMENT or name.startswith(_ENVIRONMENT_PREFIXES)
    }
    # In a process group of its own, the process does not receive Ctrl+C; its parent process ends it.
    new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    process = subprocess.Popen(  # noqa: S603 (the interpreter of this process)
        [sys.executable, "-P", "-B", "-c", _PROGRAM, *map(str, sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=environment | _ONE_THREAD | _NO_USER,
        creationflags=new_group,
        process_group=None if new_group else 0,
    )
    _enlarge_pipes(process)
    return process


def _enlarge_pipes(process: subprocess.Popen[bytes]) -> None:
    """Let the pipes hold a whole message, which saves most switches between the processes."""
    try:
        import fcntl  # noqa: PLC0415 (does not exist on Windows)
    except ImportError:
        return
    for file in (process.stdin, process.stdout):
        if file is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):
                fcntl.fcntl(file.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _parse_size(answer: bytes) -> int:
    if len(answer) != 8:
        raise MessageError(f"{len(answer)} bytes are not a number")
    return int.from_bytes(answer, "big")


def _parse_pixels(answer: bytes, size_px: int | None) -> NDArray[np.uint8]:
    height, width = (int.from_bytes(answer[i : i + 4], "big") for i in (0, 4))
    if len(answer) != 8 + 3 * height * width or (size_px is not None and (height, width) != (size_px, size_px)):
        raise MessageError(f"{len(answer)} bytes are not {height}×{width} pixels")
    return np.frombuffer(answer, np.uint8, offset=8).reshape(height, width, 3)
