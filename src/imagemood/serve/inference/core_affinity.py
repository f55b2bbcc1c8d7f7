"""Lets each thread that computes stay on a core of its own, and the event loop use a core that becomes idle."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import multiprocessing
import os
import threading


class CoreAffinity:
    """A core for each of some threads.

    The event loop wakes the threads often, and Linux then tends to move them to the core of the event loop: for
    some milliseconds, two of them share a core while another core is idle. This costs a tenth of the throughput.

    When a thread has computed a batch, the event loop responds and prepares the next batch. Linux tends to run it
    on the core that it used last, although another thread computes there. `hand_over` moves it to the idle core.

    Parameters
    ----------
    cores : list of int
        The cores that the process may use.
    """

    def __init__(self, cores: list[int]) -> None:
        self._event_loop: tuple[asyncio.AbstractEventLoop, int] | None = None
        self._cores = cores
        # Services side by side that are almost idle should not share the first core.
        first = os.getpid() % len(cores)
        self._remaining = itertools.cycle(cores[first:] + cores[:first])
        self._thread = threading.local()
        self._lock = threading.Lock()

    def set(self, *, is_exclusive: bool) -> None:
        """Let the calling thread stay on its own core, or use all cores, as other processes compute, too."""
        if getattr(self._thread, "is_exclusive", None) == is_exclusive:
            return
        if not hasattr(self._thread, "core"):
            self._thread.core = next(self._remaining)
        self._thread.is_exclusive = is_exclusive
        with contextlib.suppress(OSError):  # some sandboxes forbid it
            os.sched_setaffinity(0, [self._thread.core] if is_exclusive else self._cores)

    def set_event_loop(self) -> None:
        """Note the event loop that runs in the calling thread."""
        self._event_loop = asyncio.get_running_loop(), threading.get_native_id()

    def hand_over(self) -> None:
        """Let the event loop continue on the core of the calling thread, if this thread is limited to a core."""
        if self._event_loop is None or not getattr(self._thread, "is_exclusive", False):
            return
        loop, thread_id = self._event_loop
        core = self._thread.core
        # OSError: a sandbox forbids it; RuntimeError: the event loop has been closed
        with self._lock, contextlib.suppress(OSError, RuntimeError):
            cores = os.sched_getaffinity(thread_id)
            if core not in cores:
                return
            os.sched_setaffinity(thread_id, [core])
            try:
                loop.call_soon_threadsafe(_do_nothing)  # Linux wakes the thread on this core
            finally:
                # The thread stays there, and the threads and processes that it starts may use all cores.
                os.sched_setaffinity(thread_id, cores)


def _do_nothing() -> None: ...


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
