from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from threading import Barrier

import pytest

from imagemood.models.device import cpu_count
from imagemood.serve.inference.core_affinity import one_core_each

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no such setting")
N_CORES = cpu_count()


def test_each_thread_stays_on_a_core_of_its_own_if_nothing_else_computes():
    cores = sorted(os.sched_getaffinity(0))
    affinity = one_core_each(len(cores))
    barrier = Barrier(len(cores))

    def find_cores(is_exclusive):
        barrier.wait(30)  # so that each thread has one call
        affinity.set(is_exclusive=is_exclusive)
        return sorted(os.sched_getaffinity(0)), cpu_count()

    with ThreadPoolExecutor(len(cores)) as pool:
        for _ in range(2):
            exclusive = list(pool.map(find_cores, [True] * len(cores)))
            assert sorted(own for own, _ in exclusive) == [[core] for core in cores]
            shared = list(pool.map(find_cores, [False] * len(cores)))
            assert [own for own, _ in shared] == [cores] * len(cores)
            assert {count for _, count in exclusive + shared} == {N_CORES}
    assert sorted(os.sched_getaffinity(0)) == cores


@pytest.mark.parametrize("is_exclusive", [True, False])
def test_the_event_loop_is_woken_on_the_core_of_the_thread_that_has_finished(is_exclusive, monkeypatch):
    cores = sorted(os.sched_getaffinity(0))
    affinity = one_core_each(len(cores))
    event_loop = threading.get_native_id()
    cores_when_woken = []

    def finish():
        affinity.set(is_exclusive=is_exclusive)
        affinity.hand_over()
        return sorted(os.sched_getaffinity(0))

    async def run():
        affinity.set_event_loop()
        loop = asyncio.get_running_loop()
        wake = loop.call_soon_threadsafe

        def record(*arguments):
            cores_when_woken.append(sorted(os.sched_getaffinity(event_loop)))
            return wake(*arguments)

        monkeypatch.setattr(loop, "call_soon_threadsafe", record)
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(finish).result(30)

    own = asyncio.run(run())
    assert cores_when_woken == ([own] if is_exclusive else [])
    assert len(own) == (1 if is_exclusive else len(cores))
    assert sorted(os.sched_getaffinity(event_loop)) == cores
    with ThreadPoolExecutor(1) as pool:  # the event loop has been closed
        pool.submit(finish).result(30)
    assert sorted(os.sched_getaffinity(event_loop)) == cores


def test_threads_that_are_not_as_many_as_the_cores_may_use_all():
    assert one_core_each(len(os.sched_getaffinity(0)) + 1) is None


def test_one_of_several_worker_processes_leaves_its_threads_to_the_system():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(one_core_each, len(os.sched_getaffinity(0))).result(60) is None
