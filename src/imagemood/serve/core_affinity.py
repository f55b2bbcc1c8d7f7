"""Lets each of the threads that compute stay on a core of its own."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
from collections.abc import Callable


def one_core_each(n_threads: int) -> Callable[[], None] | None:
    """Return a function that each of `n_threads` threads calls when it starts, to stay on a core of its own.

    The event loop wakes the threads often, and Linux then tends to move them to the core of the event loop: for
    some milliseconds, two of them share a core while another core is idle. This costs a tenth of the throughput.

    Returns
    -------
    callable or None
        None unless there is a thread for each core that this process may use; in one of several worker processes,
        whose threads could choose the same cores; and on systems that cannot do this (macOS and Windows).
    """
    if not hasattr(os, "sched_setaffinity") or multiprocessing.parent_process() is not None:
        return None
    cores = sorted(os.sched_getaffinity(os.getpid()))
    if len(cores) != n_threads:
        return None
    # Services that run side by side and are almost idle should not all use the first core.
    first = os.getpid() % n_threads
    remaining = itertools.cycle(cores[first:] + cores[:first])

    def stay() -> None:
        with contextlib.suppress(OSError):  # some sandboxes forbid it
            os.sched_setaffinity(0, {next(remaining)})

    return stay
