"""Lets each of the threads that compute stay on a core of its own."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable


def one_core_each(n_threads: int) -> Callable[[], None] | None:
    """Return a function that each of `n_threads` threads calls when it starts, to stay on a core of its own.

    The event loop wakes the threads often, and Linux then tends to move them to the core of the event loop: for
    some milliseconds, two of them share a core while another core is idle. This costs a tenth of the throughput.

    Returns
    -------
    callable or None
        None if the threads are fewer than the cores, so that other processes may need the same ones, and on
        systems that cannot do this (macOS and Windows).
    """
    if not hasattr(os, "sched_setaffinity"):
        return None
    cores = os.sched_getaffinity(os.getpid())
    if len(cores) != n_threads:
        return None
    remaining = itertools.cycle(sorted(cores))

    def stay() -> None:
        with contextlib.suppress(OSError):  # some sandboxes forbid it
            os.sched_setaffinity(0, {next(remaining)})

    return stay
