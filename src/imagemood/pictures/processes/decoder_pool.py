"""The decoder processes of one process, some of which are idle."""

from __future__ import annotations

import os
import threading

from imagemood.errors import ImageError
from imagemood.pictures.processes.decoder_process import CLOSED, DecoderProcess
from imagemood.pictures.processes.process_watchdog import Watchdog

_MAX_DECODED = 10_000  # pictures per process, in case a decoder leaks memory; starting one takes 0.2 s


class DecoderPool:
    """The processes of one `DecoderProcesses` in one process."""

    def __init__(self, timeout_s: float, *, has_low_priority: bool) -> None:
        self.owner = os.getpid()
        self._timeout_s = timeout_s
        self._has_low_priority = has_low_priority
        self._watchdog = Watchdog()
        self._lock = threading.Lock()
        self._idle: list[DecoderProcess] = []
        self._busy: set[DecoderProcess] = set()
        self._is_closed = False

    def take(self, name: str) -> DecoderProcess:
        """Return an idle process that has not ended, or a new one, for the picture `name`."""
        with self._lock:
            if self._is_closed:
                raise ImageError(CLOSED, where=name)
            process = self._pop_idle()
            if process is None:
                process = DecoderProcess(self._timeout_s, self._watchdog, name)
                if self._has_low_priority:
                    process.lower_priority()
            self._busy.add(process)
            return process

    def take_idle(self) -> DecoderProcess | None:
        """Return an idle process that has not ended, or None."""
        with self._lock:
            process = None if self._is_closed else self._pop_idle()
            if process is not None:
                self._busy.add(process)
            return process

    def _pop_idle(self) -> DecoderProcess | None:
        while self._idle:
            process = self._idle.pop()
            if process.is_running():
                return process
            process.end()
        return None

    def is_reusable(self, process: DecoderProcess) -> bool:
        """Return whether a process can and should decode another picture."""
        has_priority = process.has_low_priority == self._has_low_priority
        is_good = process.is_usable and process.n_decoded < _MAX_DECODED
        return is_good and has_priority and not self._is_closed

    def give_back(self, process: DecoderProcess) -> None:
        """Make a process available again, or end it if it cannot or should not be used any longer."""
        with self._lock:
            self._busy.discard(process)
            if self.is_reusable(process):
                self._idle.append(process)
                return
        process.end()

    def close(self) -> None:
        """End all processes; the threads that use one of them close its files."""
        if self.owner != os.getpid():  # the processes are not children of this process
            return
        with self._lock:
            self._is_closed = True
            idle, busy, self._idle = self._idle, list(self._busy), []
        for process in busy:
            process.close()
        for process in idle:
            process.end()
        self._watchdog.close()
