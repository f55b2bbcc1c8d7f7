"""Stops the service on a signal, within a time limit whatever it is doing."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import FrameType

from imagemood._streams import print_message

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")  # some of them do not exist on all systems
STOP_SIGNALS = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
"""The signals that stop the service."""
_SHARE = 0.95  # of the time limit, after which this process ends itself
CLEAN_UP_S = 1.0
"""The part of the time limit that is left for what follows the last response."""


@dataclass(frozen=True)
class StopTimes:
    """The times in which a process stops.

    Examples
    --------
    >>> StopTimes(drain_delay_s=5, timeout_s=10).total_s
    15
    """

    drain_delay_s: float  # for which it accepts requests, although it is not ready any more
    timeout_s: float  # in which it completes the requests in progress

    @property
    def total_s(self) -> float:
        """Time limit for stopping."""
        return self.drain_delay_s + self.timeout_s


def graceful_s(timeout_s: float) -> float:
    """Return the part of the time limit in which requests may be completed.

    Examples
    --------
    >>> graceful_s(10), graceful_s(1)
    (9.0, 0.5)
    """
    return max(timeout_s - CLEAN_UP_S, timeout_s / 2)


def exit_on_sigterm() -> None:
    """End this process at once on SIGTERM, while the service is starting.

    The first process of a container would otherwise ignore the signal.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


class Stopper:
    """Stops a process on the first signal, and ends it at once on the second one or when the time is over.

    Parameters
    ----------
    timeout_s : float
        Time limit for stopping.
    stop : callable
        Called on the first signal; it must return immediately.
    end : callable
        Called before the process ends without clean-up.
    """

    def __init__(self, timeout_s: float, stop: Callable[[], None], end: Callable[[], None] = lambda: None) -> None:
        self._timeout_s = timeout_s
        self._stop = stop
        self._end = end
        self._is_stopping = False
        self._ends_on_second = True

    def install(self, signals: Iterable[signal.Signals] = STOP_SIGNALS, *, ends_on_second: bool = True) -> None:
        """Handle the signals, except those that this process ignores, as under nohup."""
        self._ends_on_second = ends_on_second
        for number in signals:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            threading.Thread(target=self._end_late, name="imagemood-stop", daemon=True).start()
            self._stop()
        elif self._ends_on_second:
            self._end()
            os._exit(128 + number)

    def _end_late(self) -> None:
        threading.Event().wait(self._timeout_s * _SHARE)
        print_message(f"warning: stopped after {self._timeout_s:g} s, before everything was complete")
        self._end()
        os._exit(0)
