"""Ends processes that do not finish in time."""

from __future__ import annotations

import subprocess
import threading
import time

_SUSPENDED_S = 1.0


class Watchdog:
    """Kills each process at its deadline, with one thread for all of them."""

    def __init__(self) -> None:
        self._deadlines: dict[subprocess.Popen[bytes], float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wakes_at: float | None = None
        self._is_closed = False

    def start(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        """Start to measure the time of a process."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._deadlines[process] = deadline
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="imagemood-watchdog", daemon=True)
                self._thread.start()
            elif self._wakes_at is None or deadline < self._wakes_at:
                self._changed.notify()

    def stop(self, process: subprocess.Popen[bytes]) -> bool:
        """Stop measuring the time of a process, and return whether the process was killed."""
        with self._changed:
            return self._deadlines.pop(process, None) is None

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while not self._is_closed:
                now = time.monotonic()
                for process in [process for process, deadline in self._deadlines.items() if deadline <= now]:
                    del self._deadlines[process]
                    process.kill()
                self._wakes_at = min(self._deadlines.values(), default=None)
                self._changed.wait(None if self._wakes_at is None else self._wakes_at - now)
                self._allow_for_suspension()

    def _allow_for_suspension(self) -> None:
        """Extend the deadlines by the time for which this program was suspended, as by Ctrl+Z."""
        late_s = 0.0 if self._wakes_at is None else time.monotonic() - self._wakes_at
        if late_s > _SUSPENDED_S:
            for process in self._deadlines:
                self._deadlines[process] += late_s
