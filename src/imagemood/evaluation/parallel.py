"""Runs independent calls in parallel, in threads or in processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Literal, TypeVar

from joblib import Parallel, delayed, parallel_config

from imagemood._environment import environment
from imagemood._interrupts import interrupts_blocked
from imagemood._parent_process import end_with_parent
from imagemood.models.device import cpu_count

_T = TypeVar("_T")

Backend = Literal["threads", "processes"]
"""Threads share memory and start fast. Processes do not slow each other down, so their times are comparable."""

_UNLINKED = "ignore:resource_tracker:UserWarning"
"""Filter of the warnings of a process that deletes the shared memory of this one, if a signal has ended it."""


class _AbandonedError(Exception):
    """Raised in joblib's generator to end it before all calls have finished."""


@contextmanager
def run_parallel(
    calls: Sequence[Callable[[], _T]], *, n_jobs: int, backend: Backend
) -> Iterator[Iterator[tuple[int, _T]]]:
    """Make the calls, and iterate over the index and the result of each one as it finishes.

    Leaving the context abandons the calls that have not finished. Threads are used instead of processes on systems
    that have no shared memory, such as containers with a read-only file system.
    """
    if backend == "processes" and not _has_semaphores():
        backend = "threads"
    tasks = [delayed(_call)(index, call) for index, call in enumerate(calls)]
    with _config(backend, n_jobs), interrupts_blocked():
        results = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(tasks)
    try:
        yield results
    finally:
        with suppress(_AbandonedError):  # unlike closing the generator, this does not warn about abandoned calls
            results.throw(_AbandonedError())


@contextmanager
def _config(backend: Backend, n_jobs: int) -> Iterator[None]:
    """Configure joblib, and the processes that it starts."""
    if backend == "threads":
        with parallel_config("threading"):
            yield
        return
    warning_filters = [os.environ.get("PYTHONWARNINGS"), _UNLINKED]
    with (
        environment(PYTHONWARNINGS=",".join(filter(None, warning_filters))),
        parallel_config(
            "loky",
            # Otherwise, processes would inherit OMP_NUM_THREADS, and use more threads than there are cores.
            inner_max_num_threads=max(1, cpu_count() // n_jobs),
            initializer=end_with_parent,
            initargs=(os.getpid(),),
        ),
    ):
        yield


def _has_semaphores() -> bool:
    """Return whether processes can use semaphores, which joblib needs."""
    try:
        multiprocessing.Semaphore()
    except (ImportError, OSError):
        return False
    return True


def _call(index: int, call: Callable[[], _T]) -> tuple[int, _T]:
    return index, call()
