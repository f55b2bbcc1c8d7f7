from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagemood.models import run_limit
from imagemood.models.run_limit import call_in_threads, limited, result_of, terminate_calls


class Endless:
    """Stands for native code: it ignores interrupts, and ends only when `ended` is set."""

    def __init__(self) -> None:
        self.started, self.ended = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.started.set()
        self.ended.wait(60)

    def run(self, limit_s=60.0):
        return limited(self, terminate=self.ended.set, limit_s=limit_s)


def in_thread(function):
    """Call a function in another thread, and return its result or the exception that it raises."""
    results = []

    def call():
        try:
            results.append(function())
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    return thread, results


def wait_for_calls():
    while run_limit._calls:
        time.sleep(0.001)


def test_results_and_exceptions_in_the_main_thread_and_in_others():
    def fail():
        raise LookupError("no")

    for run in (lambda f: f(), lambda f: call_in_threads([f])[0]):
        assert run(lambda: limited(lambda: 42, terminate=lambda: None, limit_s=60)) == 42
        with pytest.raises(LookupError, match="no"):
            run(lambda: limited(fail, terminate=lambda: None, limit_s=60))


def test_a_call_of_the_main_thread_runs_in_another_thread_and_others_do_not():
    def ident():
        return limited(threading.get_ident, terminate=lambda: None, limit_s=60)

    assert ident() != threading.get_ident()
    assert call_in_threads([lambda: ident() == threading.get_ident()]) == [True]


def test_a_call_that_takes_too_long_is_ended():
    with pytest.raises(TimeoutError):
        Endless().run(limit_s=0.01)
    thread, results = in_thread(lambda: Endless().run(limit_s=0.01))
    thread.join()
    assert isinstance(results[0], TimeoutError)


def test_an_interrupt_ends_a_call_of_the_main_thread():
    endless = Endless()

    def interrupt():
        endless.started.wait()
        os.kill(os.getpid(), signal.SIGINT)

    thread, _ = in_thread(interrupt)
    with pytest.raises(KeyboardInterrupt):
        endless.run()
    thread.join()
    assert endless.ended.is_set()
    wait_for_calls()


def test_a_call_that_cannot_be_ended_does_not_delay_an_interrupt():
    started, end = threading.Event(), threading.Event()

    def stubborn():
        started.set()
        end.wait(60)

    thread, _ = in_thread(lambda: started.wait() and os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        limited(stubborn, terminate=lambda: None, limit_s=60)
    thread.join()
    assert run_limit._calls
    assert limited(lambda: 1, terminate=lambda: None, limit_s=60) == 1
    end.set()
    wait_for_calls()


def result_from_a_pool(call):
    return result_of(ThreadPoolExecutor(1).submit(call))


def results_from_threads(call):
    return call_in_threads([call])


@pytest.mark.parametrize("wait_for", [result_from_a_pool, results_from_threads])
def test_an_interrupt_that_the_system_delivers_to_another_thread(wait_for):
    started, end = threading.Event(), threading.Event()
    finished = []

    def call():
        started.set()
        end.wait(20)
        finished.append(True)

    def interrupt():
        started.wait()
        time.sleep(0.3)  # until the main thread waits
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    thread, _ = in_thread(interrupt)
    with pytest.raises(KeyboardInterrupt):
        wait_for(call)
    assert not finished
    end.set()
    thread.join()


def test_the_calls_of_some_threads_are_ended():
    first, second = Endless(), Endless()
    threads = [in_thread(endless.run)[0] for endless in (first, second)]
    for endless in (first, second):
        endless.started.wait()
    terminate_calls({threads[0].ident})
    assert first.ended.is_set()
    assert not second.ended.is_set()
    terminate_calls({thread.ident for thread in threads})
    for thread in threads:
        thread.join()


def test_the_first_exception_ends_the_calls_of_the_other_threads():
    endless = Endless()

    def fail():
        endless.started.wait()
        raise LookupError

    with pytest.raises(LookupError):
        call_in_threads([fail, endless.run])
    assert endless.ended.is_set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="requires fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_process_starts_its_own_threads():
    assert limited(lambda: 1, terminate=lambda: None, limit_s=60) == 1
    if (child := os.fork()) == 0:
        try:
            os._exit(limited(lambda: 7, terminate=lambda: None, limit_s=60))
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_the_watchdog_ends_when_there_is_nothing_to_watch(monkeypatch):
    monkeypatch.setattr(run_limit, "_POLL_S", 0.001)
    monkeypatch.setattr(run_limit, "_MAX_IDLE_POLLS", 1)
    limited(lambda: 1, terminate=lambda: None, limit_s=60)
    while run_limit._watchdog is not None:
        time.sleep(0.001)
    with pytest.raises(TimeoutError):
        Endless().run(limit_s=0.01)
