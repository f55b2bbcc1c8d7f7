from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from tests.serve.serving import serving


def workers_of(service):
    children = psutil.Process(service.process.pid).children()
    return {child.pid for child in children if "spawn_main" in command_line(child)}


def command_line(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""


def wait_until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    options = ("--workers", "2", "--worker-requests", "40", "--stop-timeout", "5")
    with serving(tmp_path_factory.mktemp("workers"), *options) as running:
        yield running


def live_gauge_of(process_id, name):
    return name.startswith("gauge_live") and name.endswith(f"_{process_id}.db")


def gauge(service):
    lines = service.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("imagemood_requests_in_flight "))


def test_a_worker_that_ends_is_replaced_and_its_gauges_are_removed(service):
    before = workers_of(service)
    assert len(before) == 2
    killed = min(before)
    environment = psutil.Process(killed).environ()["PROMETHEUS_MULTIPROC_DIR"]

    def has_metrics():
        service.get("/metrics")  # some files are only created for a request
        names = os.listdir(environment)
        return f"counter_{killed}.db" in names and any(live_gauge_of(killed, name) for name in names)

    wait_until(has_metrics)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: len(workers_of(service) - before) == 1)
    names = os.listdir(environment)
    assert not any(live_gauge_of(killed, name) for name in names)
    assert f"counter_{killed}.db" in names  # what it has done still counts
    assert f"warning: worker process {killed} ended (-9) and is replaced\n" in service.log.read_text()
    wait_until(lambda: gauge(service) == 1)  # the request for the metrics


def test_workers_are_replaced_after_a_number_of_requests_and_none_is_lost(service):
    """Neither a request on a new connection is lost, nor one on a connection that is used again."""
    before = workers_of(service)
    are_replaced = threading.Event()

    def send_requests(get):
        while not are_replaced.is_set():
            assert get("/healthz").status_code == 200

    with httpx.Client(base_url=service.address, timeout=60) as client, ThreadPoolExecutor() as threads:
        clients = [threads.submit(send_requests, get) for get in [service.get] * 4 + [client.get] * 2]
        try:
            wait_until(lambda: not before & workers_of(service))
        finally:
            are_replaced.set()
        for sending in clients:
            sending.result()
    wait_until(lambda: len(workers_of(service)) == 2)
    assert "Traceback" not in service.log.read_text()


def test_workers_and_decoders_end_with_their_parent_process(tmp_path):
    with serving(tmp_path, "--workers", "2") as service:
        children = psutil.Process(service.process.pid).children(recursive=True)
        assert len(children) >= 4  # at least a decoder for each worker
        service.process.kill()
        _, alive = psutil.wait_procs(children, timeout=30)
        assert alive == []
        service.process.wait()
        service.process.returncode = 0
