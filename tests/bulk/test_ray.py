"""A run on a Ray cluster of two nodes; one worker is killed."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest

from imagemood._usage_reports import VARIABLES
from tests.bulk.conftest import imagemood, rows_of, write_photos

_WITHOUT_CLUSTERS = """
import sys
from ray._private import services

services._find_address_from_flag = lambda flag: set()  # which searches all processes of this machine for clusters
from imagemood.cli import main

main(sys.argv[1:])
"""
_NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home folder."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def cluster(home, monkeypatch):
    """Two nodes, each with its own processes, which do not inherit variables against usage reports."""
    for name in VARIABLES:
        monkeypatch.delenv(name)
    for name, value in (("RAY_USAGE_STATS_ENABLED", "0"), ("RAY_DISABLE_IMPORT_WARNING", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={**_NODE, "include_dashboard": False})
    cluster.add_node(**_NODE)
    yield cluster
    cluster.shutdown()


def workers(home) -> list[psutil.Process]:
    """The processes in which Daft runs on the cluster, which has inherited the home folder."""
    found = psutil.process_iter(["name", "environ"])
    workers = [process for process in found if process.info["name"].startswith("ray::RaySwordf")]
    return [process for process in workers if (process.info["environ"] or {}).get("HOME") == str(home)]


def test_the_chunks_of_a_killed_worker_are_assigned_to_another(cluster, home, tmp_path):
    photos, target = write_photos(tmp_path / "photos", 80), tmp_path / "moods"
    (photos / "empty.jpg").touch()
    arguments = ["bulk", photos, "--rows-per-file", "4", "-o"]
    ray = ["--engine", "ray", "--address", cluster.address]
    command = [sys.executable, "-m", "imagemood", *arguments, target, *ray]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(list(target.glob("part-*"))) < 8:
            time.sleep(0.01)
        first, second = workers(home)
        assert VARIABLES.items() <= second.environ().items()
        first.kill()
        n_then = len(list(target.glob("part-*")))
        output, _ = process.communicate(timeout=100)
    assert process.returncode == 1
    assert output.startswith("81 pictures: 80 classified, 1 failed")
    assert n_then < 21
    assert imagemood(*arguments, tmp_path / "here").returncode == 1
    assert rows_of(target).equals(rows_of(tmp_path / "here"))
    assert list(home.iterdir()) == []


def test_a_missing_cluster_is_an_error(home, tmp_path, monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))  # which would contain the address of the latest cluster
    write_photos(tmp_path / "photos", 1)
    command = [sys.executable, "-c", _WITHOUT_CLUSTERS, "bulk", "photos", "-o", "moods", "--engine", "ray"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert done.returncode == 1
    assert "cannot connect to a Ray cluster" in done.stderr
    assert "Traceback" not in done.stderr


def test_sigterm_ends_the_run_with_one_line(cluster, tmp_path):
    photos, target = write_photos(tmp_path / "photos", 80), tmp_path / "moods"
    command = [sys.executable, "-m", "imagemood", "bulk", photos, "-o", target, "--rows-per-file", "4"]
    command += ["--engine", "ray", "--address", cluster.address]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not list(target.glob("part-*")):
            time.sleep(0.01)
        process.terminate()
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 143
    assert stderr == "interrupted (run the same command again to resume)\n"
