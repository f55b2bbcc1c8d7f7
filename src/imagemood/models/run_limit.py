"""Limits the time of calls into native code, and ends them when the user interrupts the program.

Python handles an interrupt only after native code has returned to the main thread, which may never happen. So a
call from the main thread is made in another thread, for which the main thread waits.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeVar

_T = TypeVar("_T")
_POLL_S = 0.25
_MAX_IDLE_POLLS = 20
_GRACE_S = 0.3  # ONNX Runtime ends a run only after the current node


@dataclass(eq=False)
class _Call:
    """A call in progress."""

    terminate: Callable[[], object]
    deadline: float
    thread: int
    is_late: bool = False


_pid = os.getpid()
_calls: set[_Call] = set()
_lock = threading.Lock()
_watchdog: threading.Thread | None = None
_helper: ThreadPoolExecutor | None = None


def limited(function: Callable[[], _T], *, terminate: Callable[[], object], limit_s: float) -> _T:
    """Call a function; raise `TimeoutError` if it takes too long, or `KeyboardInterrupt` as soon as there is one.

    Parameters
    ----------
    function : callable
        The function.
    terminate : callable
        Makes the function return or raise an exception soon. It is called from another thread.
    limit_s : float
        Maximum duration.

    Examples
    --------
    >>> limited(lambda: 6 * 7, terminate=lambda: None, limit_s=60)
    42
    """
    is_main = threading.current_thread() is threading.main_thread()
    call = _Call(terminate, time.monotonic() + limit_s, threading.get_ident())
    _add(call)
    try:
        result = _call_in_helper(function, call) if is_main else _call(function, call)
    except Exception as error:
        if call.is_late:
            raise TimeoutError from error
        raise
    if call.is_late:
        raise TimeoutError
    return result


def interruptible(function: Callable[[], _T]) -> _T:
    """Call a function without a limit of time; raise `KeyboardInterrupt` as soon as there is one.

    In the main thread, an interrupt can reach Python code that native code has called, as in PyTorch, and the
    process then crashes.

    Examples
    --------
    >>> interruptible(lambda: 6 * 7)
    42
    """
    return limited(function, terminate=lambda: None, limit_s=math.inf)


def _call(function: Callable[[], _T], call: _Call) -> _T:
    try:
        return function()
    finally:
        with _lock:
            _calls.discard(call)


def terminate_calls(threads: Collection[int | None]) -> None:
    """End the calls of threads with these identifiers as soon as possible; they then raise an exception."""
    with _lock:
        calls = [call for call in _calls if call.thread in threads]
    for call in calls:
        call.terminate()


def call_in_threads(functions: Sequence[Callable[[], Any]]) -> list[Any]:
    """Call functions at the same time, each in a thread, and return their results; raise the first exception.

    Examples
    --------
    >>> call_in_threads([lambda: 1, lambda: 2])
    [1, 2]
    """
    threads: set[int] = set()

    def call(function: Callable[[], _T]) -> _T:
        threads.add(threading.get_ident())
        return function()

    pool = _new_pool(len(functions))
    futures = [pool.submit(call, function) for function in functions]
    try:
        return [result_of(future) for future in futures]
    except BaseException:
        terminate_calls(threads)
        raise
    finally:
        pool.shutdown(wait=False)


def _call_in_helper(function: Callable[[], _T], call: _Call) -> _T:
    """Call a function in a thread that is kept for the next call, unless it may still be busy."""
    global _helper  # noqa: PLW0603
    helper, _helper = _helper or _new_pool(1), None
    future = helper.submit(_call, function, call)
    try:
        _wait(future, call.deadline + _GRACE_S)
    except BaseException:
        call.terminate()
        helper.shutdown(wait=False)
        wait([future], _GRACE_S)  # a thread in native code makes the exit of Python crash
        raise
    _helper = helper
    return future.result()


def result_of(future: Future[_T]) -> _T:
    """Wait for a call in another thread, and return its result; an interrupt takes effect at once, or soon.

    `Future.result` may ignore an interrupt, which the system can deliver to another thread.

    Examples
    --------
    >>> with ThreadPoolExecutor(1) as pool:
    ...     result_of(pool.submit(sum, [1, 2]))
    3
    """
    _wait(future, math.inf)
    return future.result()


def _wait(future: Future[Any], deadline: float) -> None:
    """Wait until a call is finished; wait in short steps, as a signal may interrupt another thread instead."""
    while True:
        try:
            future.exception(_POLL_S)
        except TimeoutError:
            if time.monotonic() > deadline:
                raise
        else:
            return


def _new_pool(n_threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(n_threads, thread_name_prefix="imagemood-native")


def _add(call: _Call) -> None:
    global _watchdog  # noqa: PLW0603
    _forget_threads_of_parent()
    with _lock:
        _calls.add(call)
        if _watchdog is None:
            _watchdog = threading.Thread(target=_watch, name="imagemood-watchdog", daemon=True)
            _watchdog.start()


def _watch() -> None:
    """Terminate late calls, until there have been no calls for a while."""
    global _watchdog  # noqa: PLW0603
    n_idle = 0
    while True:
        time.sleep(_POLL_S)
        now = time.monotonic()
        with _lock:
            n_idle = 0 if _calls else n_idle + 1
            if n_idle > _MAX_IDLE_POLLS:
                _watchdog = None
                return
            late = [call for call in _calls if call.deadline < now and not call.is_late]
            for call in late:
                call.is_late = True
        for call in late:
            call.terminate()


def _forget_threads_of_parent() -> None:
    """Forget the threads and calls of the process from which this process was forked."""
    global _pid, _lock, _watchdog, _helper
    if _pid != os.getpid():
        _pid, _lock, _watchdog, _helper = os.getpid(), threading.Lock(), None, None
        _calls.clear()
