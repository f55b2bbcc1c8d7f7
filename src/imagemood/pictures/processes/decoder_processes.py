"""Decodes pictures in processes that can be ended, so that no picture can stop, crash or exhaust the program.

concurrent.futures and joblib cannot end a task that hangs. pebble can, but it needs a main module that can be
imported a second time, leaves a hanging process behind if the program is killed, and unpickles the answers of its
processes.
"""

from __future__ import annotations

import os
import threading
import weakref

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import ImageError, InputError
from imagemood.pictures.picture import Decoder
from imagemood.pictures.pixels.decoding import MAX_PIXELS, decode
from imagemood.pictures.pixels.resizing import Resizing
from imagemood.pictures.processes.decoder_pool import DecoderPool
from imagemood.pictures.processes.decoder_process import CANCELLED, DecoderProcess


def decoder(timeout_s: float | None) -> Decoder:
    """Return a function that decodes in separate processes within a time limit, or in this process without one."""
    return decode if timeout_s is None else DecoderProcesses(timeout_s).decode


class Decoding:
    """The decoding of one picture, which other threads can slow down or cancel.

    Attributes
    ----------
    accepts_large : bool
        Whether the picture may wait for memory; otherwise, `LargePictureError` is raised if it would have to.
    has_started : bool
        Whether a process has the picture; before that, a process may have to be started.
    is_cancelled : bool
        Whether it was cancelled.
    """

    def __init__(self, *, accepts_large: bool = True) -> None:
        self._lock = threading.Lock()
        self._process: DecoderProcess | None = None
        self.accepts_large = accepts_large
        self.has_started = False
        self.is_cancelled = False

    def start(self, process: DecoderProcess, name: str) -> None:
        """Note the process that will decode the picture, and raise `ImageError` if that was cancelled before."""
        with self._lock:
            if self.is_cancelled:
                raise ImageError(CANCELLED, where=name)
            self._process = process
            self.has_started = True

    def finish(self) -> None:
        """Declare that the process has nothing to do with the picture any more; it may decode another one."""
        with self._lock:
            if self._process is not None and self.is_cancelled:  # perhaps after its answer
                self._process.is_usable = False
            self._process = None

    def lower_priority(self) -> None:
        """Let other processes run first."""
        with self._lock:
            if self._process is not None:
                self._process.lower_priority()

    def cancel(self) -> None:
        """End the decoding at once; it raises `ImageError`."""
        with self._lock:
            self.is_cancelled = True
            if self._process is not None:
                self._process.cancel()


class DecoderProcesses:
    """Processes that decode pictures, each with a time limit and a memory limit.

    Any number of threads can call `decode`. Each call uses an idle process, or starts another one; so there are at
    most as many processes as threads. The processes end when this object is closed or no longer used, and when
    their parent process ends, however it does.

    Parameters
    ----------
    timeout_s : float
        Time limit for decoding one picture, in seconds.
    has_low_priority : bool
        Whether the processes let others run first.

    Raises
    ------
    InputError
        If the time limit is not positive.

    Examples
    --------
    >>> from imagemood.pictures import samples
    >>> with DecoderProcesses(timeout_s=10) as decoders:
    ...     decoders.decode(samples.all_samples()[0].path.read_bytes(), size_px=224).shape
    (224, 224, 3)
    """

    def __init__(self, timeout_s: float, *, has_low_priority: bool = False) -> None:
        if not 0 < timeout_s < threading.TIMEOUT_MAX:
            raise InputError(f"the time limit for decoding is {timeout_s:g} s, but must be positive")
        self.timeout_s = timeout_s
        self.has_low_priority = has_low_priority
        self._pool = self._new_pool()
        _instances.add(self)

    def __reduce__(self) -> tuple[type[DecoderProcesses], tuple[float]]:
        return DecoderProcesses, (self.timeout_s,)  # another process starts processes of its own

    def __enter__(self) -> DecoderProcesses:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def decode(
        self,
        content: bytes,
        *,
        name: str = "image",
        size_px: int | None = None,
        resizing: Resizing | None = None,
        max_pixels: int = MAX_PIXELS,
        decoding: Decoding | None = None,
    ) -> NDArray[np.uint8]:
        """Decode an image file in another process; the parameters are those of `pixels.decoding.decode`.

        With `decoding`, other threads can slow it down or cancel it.

        Raises
        ------
        ImageError
            If the image cannot be decoded, exceeds a limit, takes too long or too much memory, or crashes the
            process, or if no process can be started.
        """
        pool = self._current_pool()
        process = pool.take(name)
        try:
            process.wait_until_ready(name)
            accepts_large = decoding is None or decoding.accepts_large
            if decoding is not None:
                decoding.start(process, name)
            return process.decode(
                content,
                name=name,
                size_px=size_px,
                resizing=resizing,
                max_pixels=max_pixels,
                accepts_large=accepts_large,
            )
        finally:
            if decoding is not None:
                decoding.finish()
            pool.give_back(process)

    def take_idle(self) -> DecoderProcess | None:
        """Return a process that is ready, or None; `give_back` must be called then."""
        return self._current_pool().take_idle()

    def give_back(self, process: DecoderProcess) -> None:
        """Make a process available again. If it cannot be used any longer, it is ended, which may take time."""
        self._current_pool().give_back(process)

    def is_reusable(self, process: DecoderProcess) -> bool:
        """Return whether another picture can be decoded by a process, so that `give_back` returns at once."""
        return self._current_pool().is_reusable(process)

    def prepare(self, n_processes: int) -> None:
        """Start processes until a number of them is idle, so that the next pictures need not wait for them."""
        pool = self._current_pool()
        taken: list[DecoderProcess] = []
        try:
            for _ in range(n_processes):
                taken.append(pool.take("image"))
                taken[-1].wait_until_ready("image")
        except ImageError:  # the next picture reports it
            pass
        finally:
            for process in taken:
                pool.give_back(process)

    def close(self) -> None:
        """End all processes at once. A picture that is being decoded fails, and none can be decoded any more."""
        self._pool.close()

    def _current_pool(self) -> DecoderPool:
        if self._pool.owner != os.getpid():  # this process is a fork, and the decoders are those of its parent
            self._pool = self._new_pool()
        return self._pool

    def _new_pool(self) -> DecoderPool:
        pool = DecoderPool(self.timeout_s, has_low_priority=self.has_low_priority)
        weakref.finalize(self, pool.close)  # also at the end of the program
        return pool


_instances: weakref.WeakSet[DecoderProcesses] = weakref.WeakSet()


def end_all() -> None:
    """End the decoder processes of this process, before it exits without clean-up."""
    for decoders in list(_instances):
        decoders.close()
