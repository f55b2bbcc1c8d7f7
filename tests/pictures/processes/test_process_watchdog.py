from __future__ import annotations

import subprocess
import sys
import time

import pytest

from imagemood.pictures.processes.process_watchdog import Watchdog

FOREVER = [sys.executable, "-S", "-c", "import time; print(1, flush=True); time.sleep(600)"]


@pytest.fixture
def watchdog():
    created = Watchdog()
    yield created
    created.close()
    if created._thread is not None:
        created._thread.join(30)
        assert not created._thread.is_alive()


@pytest.fixture
def processes():
    created = [subprocess.Popen(FOREVER, stdout=subprocess.PIPE) for _ in range(2)]
    for process in created:
        process.stdout.readline()
    yield created
    for process in created:
        process.kill()
        process.communicate()


def test_a_process_is_killed_at_its_deadline(watchdog, processes):
    late, early = processes
    watchdog.start(late, 600)
    watchdog.start(early, 0.05)  # the thread already waits for the later deadline
    early.wait(30)
    assert watchdog.stop(early)
    assert late.poll() is None
    assert not watchdog.stop(late)


def test_a_process_that_is_stopped_in_time_is_not_killed(watchdog, processes):
    first, second = processes
    watchdog.start(first, 0.2)
    assert not watchdog.stop(first)
    watchdog.start(second, 0.3)
    second.wait(30)
    assert first.poll() is None


def test_deadlines_are_extended_after_a_suspension(watchdog, processes):
    process = processes[0]
    watchdog.start(process, 600)
    while watchdog._wakes_at is None:
        time.sleep(0.001)
    with watchdog._changed:
        planned = watchdog._deadlines[process]
        watchdog._wakes_at = time.monotonic() - 50  # as if the thread had been suspended for 50 s
        watchdog._allow_for_suspension()
        assert 49 < watchdog._deadlines[process] - planned < 60


def test_an_early_wake_does_not_change_deadlines(watchdog, processes):
    process = processes[0]
    watchdog.start(process, 600)
    while watchdog._wakes_at is None:
        time.sleep(0.001)
    with watchdog._changed:
        planned = watchdog._deadlines[process]
        watchdog._allow_for_suspension()
        assert watchdog._deadlines[process] == planned
