"""A run that was killed or interrupted, and then resumed, gives the same dataset as an uninterrupted run."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq

from imagemood.bulk import engine
from imagemood.bulk.run import run
from imagemood.bulk.settings import BulkRequest, RunSettings
from tests.bulk.conftest import imagemood, rows_of, write_photos

N_KILLS = 3


def finished(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*.parquet")}


def is_due(target, number, n_before):
    """Return whether to kill a run: the first one when it has its lock, others when they have written a file."""
    if number == 0:
        return target.exists() and any(target.iterdir())
    return len(finished(target)) > n_before


def test_a_run_that_is_killed_at_random_times_can_be_resumed(tmp_path):
    photos, target = write_photos(tmp_path / "photos", 240), tmp_path / "moods"
    command = [sys.executable, "-m", "imagemood", "bulk", photos, "-o", target, "--rows-per-file", "4"]
    rng = random.Random(0)  # noqa: S311 (times, not secrets)
    n_finished = []
    for number in range(N_KILLS):
        before = finished(target) if target.exists() else {}
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and not is_due(target, number, len(before)):
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.15) if number else 0)
            process.send_signal(signal.SIGKILL)
        after = finished(target)
        for path in target.glob("part-*.parquet"):
            assert pq.read_table(path).num_rows == 4
        assert {name: after.get(name) for name in before} == before
        n_finished.append(len(after))
    assert n_finished == sorted(n_finished)
    assert 0 < n_finished[-1] < 60
    before = finished(target)
    done = imagemood("bulk", photos, "-o", target, "--rows-per-file", "4")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("240 pictures: 240 classified, 0 failed")
    assert {name: finished(target).get(name) for name in before} == before
    assert len(list(target.iterdir())) == 61
    engine.start()
    run(BulkRequest(str(photos)), RunSettings(str(tmp_path / "whole")))
    assert rows_of(target).equals(rows_of(tmp_path / "whole"))


def test_an_interrupt_ends_the_run_with_one_line(tmp_path):
    photos, target = write_photos(tmp_path / "photos", 240), tmp_path / "moods"
    command = [sys.executable, "-m", "imagemood", "bulk", photos, "-o", target, "--rows-per-file", "4"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not finished(target):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stderr == "interrupted (run the same command again to resume)\n"
    assert 0 < len(finished(target)) < 60
