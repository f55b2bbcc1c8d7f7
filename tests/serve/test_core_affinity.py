from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from threading import Barrier

import pytest

from imagemood.models.device import cpu_count
from imagemood.serve.core_affinity import one_core_each

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no such setting")


def test_each_thread_stays_on_a_core_of_its_own():
    cores = os.sched_getaffinity(0)
    barrier = Barrier(len(cores))

    def find_cores(_):
        barrier.wait(30)  # so that each thread has one call
        return os.sched_getaffinity(0), cpu_count()

    with ThreadPoolExecutor(len(cores), initializer=one_core_each(len(cores))) as pool:
        found = list(pool.map(find_cores, cores))
    assert sorted(core for own, _ in found for core in own) == sorted(cores)
    assert os.sched_getaffinity(0) == cores
    assert all(count == found[0][1] <= len(cores) for _, count in found)
    assert found[0][1] == cpu_count()


def test_threads_that_are_fewer_than_the_cores_may_use_all():
    assert one_core_each(len(os.sched_getaffinity(0)) + 1) is None


def test_one_of_several_worker_processes_leaves_its_threads_to_the_system():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(one_core_each, len(os.sched_getaffinity(0))).result(60) is None
