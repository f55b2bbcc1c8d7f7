"""Lets each of the threads that compute stay on a core of its own."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import threading


class CoreAffinity:
    """A core for each of some threads.

    The event loop wakes the threads often, and Linux then tends to move them to the core of the event loop: for
    some milliseconds, two of them share a core while another core is idle. This costs a tenth of the throughput.

    Parameters
    ----------
    cores : list of int
        The cores that the process may use.
    """

    def __init__(self, cores: list[int]) -> None:
        self._cores = cores
        first = os.getpid() % len(
            cores
        )  # services side by side that are almost idle should not share the first core
        self._remaining = itertools.cycle(cores[first:] + cores[:first])
        self._thread = threading.local()

    def set(self, *, is_exclusive: bool) -> None:
        """Let the calling thread stay on its own core, or use all cores, as other processes compute, too."""
        if getattr(self._thread, "is_exclusive", False) == is_exclusive:
            return
        if not hasattr(self._thread, "core"):
            self._thread.core = next(self._remaining)
        self._thread.is_exclusive = is_exclusive
        with contextlib.suppress(OSError):  # some sandboxes forbid it
            os.sched_setaffinity(0, [self._thread.core] if is_exclusive else self._cores)


def one_core_each(n_threads: int) -> CoreAffinity | None:
    """Return a core for each of `n_threads` threads.

    Returns
    -------
    CoreAffinity or None
        None unless there is a thread for each core that this process may use; in one of several worker processes,
        whose threads could choose the same cores; and on systems that cannot do this (macOS and Windows).
    """
    if not hasattr(os, "sched_setaffinity") or multiprocessing.parent_process() is not None:
        return None
    cores = sorted(os.sched_getaffinity(os.getpid()))
    return CoreAffinity(cores) if len(cores) == n_threads else None
