from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from functools import partial

import pytest

from imagemood.evaluation.parallel import run_parallel
from imagemood.models.device import cpu_count

backends = pytest.mark.parametrize("backend", ["threads", "processes"])


def square(number):
    return number * number


def fail():
    raise ValueError("the call failed")


def describe_worker():
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    return os.getpid(), threading.get_ident(), signal.SIGINT in blocked


@backends
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_result_has_the_index_of_its_call(backend, n_jobs):
    with run_parallel([partial(square, n) for n in range(8)], n_jobs=n_jobs, backend=backend) as results:
        assert sorted(results) == [(n, n * n) for n in range(8)]


def test_processes_share_the_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    with run_parallel([partial(os.getenv, "OMP_NUM_THREADS")] * 2, n_jobs=2, backend="processes") as results:
        assert {value for _, value in results} == {str(max(1, cpu_count() // 2))}


def test_threads_replace_processes_on_systems_without_semaphores(monkeypatch):
    def fail():
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(multiprocessing, "Semaphore", fail)
    with run_parallel([os.getpid] * 2, n_jobs=2, backend="processes") as results:
        assert {pid for _, pid in results} == {os.getpid()}


@backends
def test_no_calls(backend):
    with run_parallel([], n_jobs=2, backend=backend) as results:
        assert list(results) == []


@backends
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_the_error_of_a_call_is_raised(backend, n_jobs):
    with (
        pytest.raises(ValueError, match="the call failed"),
        run_parallel([partial(square, 2), fail], n_jobs=n_jobs, backend=backend) as results,
    ):
        list(results)


@backends
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_calls_are_abandoned_without_a_warning(backend, n_jobs):
    """Warnings are errors in these tests."""
    with run_parallel([partial(square, n) for n in range(50)], n_jobs=n_jobs, backend=backend) as results:
        index, value = next(results)
    assert value == index * index
    assert list(results) == []


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_interrupt_ends_the_calls(n_jobs):
    """The other thread may finish more calls before it is stopped, but by far not all of them."""
    made = []

    def call(n):
        made.append(n)
        if n == 3:
            raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        run_parallel([partial(call, n) for n in range(5000)], n_jobs=n_jobs, backend="threads") as results,
    ):
        list(results)
    assert len(made) < 5000


def test_processes_of_a_new_program_ignore_interrupts():
    """The first processes start the resource tracker of Python, which unblocks signals."""
    code = (
        "from tests.evaluation.test_parallel import describe_worker, run_parallel\n"
        "with run_parallel([describe_worker] * 2, n_jobs=2, backend='processes') as results:\n"
        "    print([blocked for _, (_, _, blocked) in results])"
    )
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert completed.stdout == "[True, True]\n"


def test_processes_ignore_the_interrupts_that_the_main_process_handles():
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with run_parallel([describe_worker] * 2, n_jobs=2, backend="processes") as results:
        workers = [worker for _, worker in results]
    assert all(blocked for _, _, blocked in workers)
    assert os.getpid() not in {pid for pid, _, _ in workers}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
    assert signal.SIGINT not in before


def test_threads_stay_in_this_process():
    with run_parallel([describe_worker] * 4, n_jobs=2, backend="threads") as results:
        assert {pid for _, (pid, _, _) in results} == {os.getpid()}


def test_abandoned_calls_in_threads_are_not_waited_for():
    started, release = threading.Event(), threading.Event()
    finished = []

    def wait():
        started.set()
        release.wait(60)
        finished.append(True)

    with run_parallel([wait, partial(square, 3)], n_jobs=2, backend="threads") as results:
        assert next(results) == (1, 9)
        assert started.wait(60)
    assert not finished
    release.set()
