from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from uvicorn.config import STARTUP_FAILURE

from imagemood.errors import InputError
from imagemood.serve.server import _bind, _listen, create_worker_app
from imagemood.serve.settings import Settings
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

server.create_app = lambda settings: None  # the parent process finds nothing wrong
try:
    server.run(Settings(model="absent"), host="127.0.0.1", port=int(sys.argv[1]), n_workers=2)
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


def test_the_token_is_not_visible_outside_the_processes(tmp_path):
    """Neither the environment nor the command line of any process contains it, and no file of the metrics does."""
    (tmp_path / "token.txt").write_text(TOKEN)
    with serving(tmp_path, "--token-file", "token.txt", "--workers", "2") as service:
        processes = processes_of(service)
        workers = [process for process in processes if is_worker(process)]
        assert len(workers) == 2
        for process in processes:
            for name in ("environ", "cmdline"):
                assert TOKEN.encode() not in Path("/proc", str(process.pid), name).read_bytes()
        (folder,) = {Path(worker.environ()["PROMETHEUS_MULTIPROC_DIR"]) for worker in workers}
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files
        assert not any(TOKEN.encode() in path.read_bytes() for path in files)
        for _ in range(10):  # each on a connection of its own, which either worker may accept
            assert service.get("/v1/labels").status_code == 401
            assert service.get("/v1/labels", headers=AUTHORIZATION).status_code == 200
    assert TOKEN not in service.log.read_text()
    assert not folder.exists()


def test_workers_share_their_metrics_and_stop_together(tmp_path):
    with serving(tmp_path, "--workers", "2") as service:
        rows = ImageTagSet(ImageTags=[{"image": 0, "tag": "volcano", "score": 1}]).SerializeToString()
        for _ in range(40):  # each on a connection of its own, which either worker may accept
            headers = {"Content-Type": PROTOBUF, "Connection": "close"}
            assert service.post("/classify", content=rows, headers=headers).status_code == 200
        line = 'imagemood_requests_total{method="POST",route="/classify",status="200"} 40.0'
        assert all(line in service.get("/metrics").text for _ in range(6))
        workers = [process for process in processes_of(service) if is_worker(process)]
        assert len(workers) == 2
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(60) == 0
    assert not any(worker.is_running() for worker in workers)
    assert "Traceback" not in service.log.read_text()


def test_a_worker_whose_model_cannot_be_loaded_stops_with_an_error(capsys):
    with pytest.raises(SystemExit) as caught:
        create_worker_app(Settings(model="absent"))
    assert caught.value.code == STARTUP_FAILURE
    assert capsys.readouterr().err.startswith("error: absent")


def test_of_two_services_that_start_at_the_same_time_only_one_listens():
    port = free_port()
    with _bind("127.0.0.1", port) as first, _bind("127.0.0.1", port) as second:
        _listen(first, "127.0.0.1", port)
        with pytest.raises(InputError, match="cannot bind to the address: Address already in use"):
            _listen(second, "127.0.0.1", port)


def test_if_no_worker_can_start_the_service_stops():
    completed = run_python(FAILING_WORKERS, free_port())
    assert completed.stdout == "a worker process failed to start (see the error above)\n"
    assert "error: absent" in completed.stderr


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
