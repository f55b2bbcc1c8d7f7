"""The program of a decoder process: decodes the pictures that it receives, one after the other.

It imports only what decoding needs, and writes nothing but its messages.
"""

from __future__ import annotations

import contextlib
import os
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import PIL.Image

from imagemood._parent_process import end_with_parent
from imagemood.errors import ImageError, MoodError
from imagemood.pictures.pixels import decoding, memory_budget
from imagemood.pictures.processes import decoder_protocol
from imagemood.pictures.processes.decoder_protocol import (
    MAX_FAILURE_BYTES,
    MAX_OPTIONS_BYTES,
    Kind,
    MessageError,
    Options,
)

GRACE_S = 1.0
"""Time, in addition to the time limit, after which the process ends itself if its parent has not ended it."""
_OVERHEAD_BYTES = 256_000_000
_THREAD_BYTES = 16_000_000  # some decoders start a thread for each core
_COPIES = 2  # of the content of a file


class Connection:
    """The messages of a decoder process to and from its parent process."""

    def __init__(self, requests: IO[bytes], responses: IO[bytes], limits: Limits) -> None:
        self._requests = requests
        self._responses = responses
        self._limits = limits
        self._timeout_s: float | None = None
        self._n_bytes = 0

    def serve(self) -> None:
        """Decode pictures until the parent process closes the connection."""
        memory_budget.use(self)
        self._send(Kind.READY)
        with contextlib.suppress(MessageError, BrokenPipeError):
            while True:
                self._decode_one()

    def _decode_one(self) -> None:
        options = Options.from_json(decoder_protocol.read(self._requests, MAX_OPTIONS_BYTES, Kind.OPTIONS)[1])
        self._timeout_s, self._n_bytes = options.timeout_s, options.n_bytes
        self._limits.allow(_COPIES * self._n_bytes)
        _, content = decoder_protocol.read(self._requests, self._n_bytes, Kind.CONTENT)
        self._limits.start_timer(self._timeout_s)
        try:
            pixels = decoding.decode(
                content, size_px=options.size_px, resizing=options.resizing, max_pixels=options.max_pixels
            )
        except MoodError as error:
            self._send_failure(error.what, error.hint)
        except MemoryError:
            self._send_failure("not enough memory to decode the image")
        else:
            self._limits.start_timer(None)
            size = b"".join(side.to_bytes(4, "big") for side in pixels.shape[:2])
            self._send(Kind.PIXELS, size, np.ascontiguousarray(pixels).data.cast("B"))

    @contextmanager
    def reserve(self, n_bytes: int, *, name: str) -> Iterator[None]:  # noqa: ARG002
        """Ask the parent process for memory; see `memory_budget.Budget`. The wait does not count as decoding."""
        self._limits.start_timer(None)
        self._send(Kind.MEMORY_NEEDED, n_bytes.to_bytes(8, "big"))
        kind, _ = decoder_protocol.read(self._requests, 0, Kind.MEMORY_GRANTED, Kind.MEMORY_REFUSED)
        if kind is Kind.MEMORY_REFUSED:
            raise ImageError("not enough memory to decode the image")
        self._limits.start_timer(self._timeout_s)
        self._limits.allow(_COPIES * self._n_bytes + 2 * n_bytes)  # twice, because it is an estimate
        yield

    def _send_failure(self, what: str, hint: str | None = None) -> None:
        self._limits.start_timer(None)
        self._send(Kind.FAILURE, f"{what}\0{hint or ''}".encode("utf-8", "backslashreplace")[:MAX_FAILURE_BYTES])

    def _send(self, kind: Kind, *parts: bytes | memoryview) -> None:
        decoder_protocol.write(self._responses, kind, *parts)


class Limits:
    """Limits that the operating system enforces on this process, where it can."""

    def __init__(self) -> None:
        self._used_bytes = _data_bytes()
        self._overhead_bytes = _OVERHEAD_BYTES + _THREAD_BYTES * (os.cpu_count() or 1)
        try:
            import resource  # noqa: PLC0415 (does not exist on Windows)
        except ImportError:
            self._resource = None
            return
        self._resource = resource
        for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):  # the process writes no files
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(limit, (0, 0))

    def allow(self, n_bytes: int) -> None:
        """Limit the memory to what the process used when it started, plus an overhead, plus `n_bytes`."""
        if self._resource is None or self._used_bytes is None:
            return
        limit = self._resource.RLIMIT_DATA
        _, hard = self._resource.getrlimit(limit)
        soft = self._used_bytes + self._overhead_bytes + n_bytes
        if hard != self._resource.RLIM_INFINITY:
            soft = min(soft, hard)
        with contextlib.suppress(OSError, ValueError, OverflowError):
            self._resource.setrlimit(limit, (soft, hard))

    def start_timer(self, timeout_s: float | None) -> None:
        """End this process after the time limit and a grace period, even if its parent has ended; None: never."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0 if timeout_s is None else timeout_s + GRACE_S)


def _data_bytes() -> int | None:
    """Return the size of the data segments, which RLIMIT_DATA limits, or None if the system does not report it."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmData:"))
    return None


def main() -> None:
    """Run the decoder process."""
    warnings.simplefilter("ignore")
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process
    for ignored in (signal.SIGINT, signal.SIGTERM):  # the parent process decides when this one ends
        signal.signal(ignored, signal.SIG_IGN)
    with contextlib.suppress(OSError):  # if memory runs out, the system ends this process first
        Path("/proc/self/oom_score_adj").write_text("1000")
    PIL.Image.preinit()  # otherwise the common decoders would be imported while the first picture is decoded
    requests, responses = _take_standard_streams()
    end_with_parent(os.getppid())  # even while it decodes
    Connection(requests, responses, Limits()).serve()


def _take_standard_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Return standard input and output, and replace them, so that no library reads or writes messages."""
    files = open(os.dup(0), "rb"), open(os.dup(1), "wb", buffering=0)  # noqa: PTH123, SIM115
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(nothing, number)
    os.close(nothing)
    return files
