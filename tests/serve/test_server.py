from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from imagemood.errors import InputError
from imagemood.serve.server import _bind, _listen
from imagemood.tables.messages_pb2 import ImageTagSet
from tests.serve.serving import AUTHORIZATION, PROTOBUF, TOKEN, free_port, serving

PROCESS_STATE = """
import gc, signal, sys, warnings

def state():
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    of_pillow = [entry for entry in warnings.filters if "PIL" in str(entry)]
    return (gc.get_threshold(), gc.get_freeze_count(), sys.getswitchinterval(), of_pillow, handlers)

before = state()
from imagemood.serve.app import create_app
from imagemood.serve.server import configure_process
create_app()
print(state() == before)
configure_process()
print([old != new for old, new in zip(before, state())])
"""
FAILING_WORKERS = """
import sys
from imagemood.errors import ModelError
from imagemood.serve import server
from imagemood.serve.settings import Settings

try:
    port = int(sys.argv[1])
    server.run(Settings(model="absent"), host="127.0.0.1", port=port, n_workers=2, on_ready=lambda: None)
except ModelError as error:
    print(error)
"""


def run_python(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)


def processes_of(service):
    parent = psutil.Process(service.process.pid)
    return [parent, *parent.children(recursive=True)]


def is_worker(process):
    return "spawn_main" in " ".join(process.cmdline())


@dataclass
class WorkersRun:
    """Observations of a service with a token and two workers, which SIGINT has stopped."""

    visible: list[bytes]  # environments and command lines of all processes, and the files of the metrics
    statuses: set[tuple[int, int, int]]  # without a token, with the token, and of tag rows
    metrics: list[str]
    parent_bytes: int
    worker_bytes: list[int]
    exit_code: int
    workers: list[psutil.Process]
    metrics_folder: Path
    log: str


@pytest.fixture(scope="module")
def workers_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    (folder / "token.txt").write_text(TOKEN)
    rows = ImageTagSet(ImageTags=[{"image": 0, "tag": "volcano", "score": 1}]).SerializeToString()
    rows_headers = {"Content-Type": PROTOBUF, **AUTHORIZATION}
    with serving(folder, "--token-file", "token.txt", "--workers", "2") as service:
        processes = processes_of(service)
        workers = [process for process in processes if is_worker(process)]
        statuses = set()
        for _ in range(40):  # each request on a connection of its own, which either worker may accept
            responses = (
                service.get("/v1/labels"),
                service.get("/v1/labels", headers=AUTHORIZATION),
                service.post("/classify", content=rows, headers=rows_headers),
            )
            statuses.add(tuple(response.status_code for response in responses))
        metrics = [service.get("/metrics", headers=AUTHORIZATION).text for _ in range(6)]
        (metrics_folder,) = {Path(worker.environ()["PROMETHEUS_MULTIPROC_DIR"]) for worker in workers}
        files = [path for path in metrics_folder.rglob("*") if path.is_file()]
        assert files
        files += [
            Path("/proc", str(process.pid), name) for process in processes for name in ("environ", "cmdline")
        ]
        visible = [path.read_bytes() for path in files]
        parent_bytes, *worker_bytes = (process.memory_info().rss for process in (processes[0], *workers))
        service.process.send_signal(signal.SIGINT)
        exit_code = service.process.wait(60)
    log = service.log.read_text()
    return WorkersRun(
        visible, statuses, metrics, parent_bytes, worker_bytes, exit_code, workers, metrics_folder, log
    )


def test_the_token_is_not_visible_outside_the_processes(workers_run):
    assert not any(TOKEN.encode() in content for content in workers_run.visible)
    assert TOKEN not in workers_run.log


def test_every_worker_requires_the_token(workers_run):
    assert workers_run.statuses == {(401, 200, 200)}


def test_workers_share_their_metrics(workers_run):
    line = 'imagemood_requests_total{method="POST",route="/classify",status="200"} 40.0'
    for metrics in workers_run.metrics:
        assert line in metrics
        assert metrics.count("imagemood_model_info{") == 1


def test_workers_stop_together(workers_run):
    assert workers_run.exit_code == 0
    assert len(workers_run.workers) == 2
    assert not any(worker.is_running() for worker in workers_run.workers)
    assert not workers_run.metrics_folder.exists()
    assert "Traceback" not in workers_run.log


def test_the_parent_process_of_the_workers_loads_no_models(workers_run):
    assert workers_run.parent_bytes < 0.6 * min(workers_run.worker_bytes)


def test_only_one_of_two_services_with_the_same_port_listens():
    port = free_port()
    with _bind("127.0.0.1", port) as first, _bind("127.0.0.1", port) as second:
        _listen(first, "127.0.0.1", port)
        with pytest.raises(InputError, match="cannot bind to the address: Address already in use"):
            _listen(second, "127.0.0.1", port)


@pytest.mark.parametrize("host", ["\udcff", "a" * 300, "a..b"])
def test_invalid_host_names(host):
    with pytest.raises(InputError, match="cannot bind to the address: ") as caught:
        _bind(host, 1)
    assert len(str(caught.value).splitlines()) == 1


def test_if_no_worker_can_start_the_service_stops():
    completed = run_python(FAILING_WORKERS, free_port())
    assert completed.stdout.startswith("absent: ")
    assert completed.stdout.count("\n") == 1
    assert completed.stderr == ""


def test_process_wide_settings_are_applied_by_the_start_function_only():
    unchanged, changed = run_python(PROCESS_STATE).stdout.splitlines()
    assert unchanged == "True"
    # The signal handlers are replaced by `run`.
    assert changed == "[True, True, True, True, False]"


def test_the_service_warns_of_an_open_interface_without_a_token(tmp_path):
    (tmp_path / "runtime.json").write_text(
        json.dumps({"downstream": ["http://127.0.0.1:9/", "http://127.0.0.1:10/"]})
    )
    port = free_port()
    command = [sys.executable, "-m", "imagemood", "serve", "--port", str(port), "--host", "0.0.0.0"]  # noqa: S104
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        lines = [process.stderr.readline() for _ in range(3)]
        status = httpx.get(f"http://127.0.0.1:{port}/readyz").status_code
        process.terminate()
        assert process.wait(60) == 0
    assert status == 200
    assert "0.0.0.0 accepts requests from other machines without a token" in lines[0]
    assert lines[1] == "forwarding responses of tag to http://127.0.0.1:9/, then http://127.0.0.1:10/\n"
    assert lines[2] == f"serving at http://0.0.0.0:{port} (Ctrl+C stops)\n"
