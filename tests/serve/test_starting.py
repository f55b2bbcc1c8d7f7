from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from imagemood.serve import server, starting
from imagemood.serve.settings import Settings
from tests.serve.serving import free_port

SETTINGS = Settings(root_path="/moods", access_log=False)


def answering(listener):
    return starting.answering(listener, SETTINGS, lambda app: server._config(app, SETTINGS))


def test_the_service_is_alive_but_not_ready_while_it_starts():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with answering(listener), httpx.Client(base_url=address, timeout=30) as client:
            for path, body in (("/healthz", "ok\n"), ("/v2/health/live", '{"live":true}')):
                for prefix in ("", "/moods"):
                    assert client.get(prefix + path).text == body
                assert client.head(path).status_code == 200
            for path in ("/readyz", "/v2/health/ready", "/v1/moods", "/", "/moods/healthz/more"):
                for method in ("GET", "POST"):
                    response = client.request(method, path, content=b"x" if method == "POST" else None)
                    assert response.status_code == 503
                    assert response.json()["detail"] == "the service is starting"
                    assert response.headers["retry-after"]
                    assert response.headers["connection"] == "close"
                    assert response.headers["x-request-id"]


def test_connections_that_are_not_accepted_any_more_wait_for_the_service():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with answering(listener) as stop:
            accepted = socket.create_connection(listener.getsockname(), timeout=30)
            # Connections are accepted in their order.
            assert status_of(listener.getsockname()[1], "/healthz") == 200
            stop()
            stop()
            accepted.sendall(b"GET /v1/labels HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert accepted.recv(100).startswith(b"HTTP/1.1 503 ")
        with socket.create_connection(listener.getsockname(), timeout=30) as client:
            listener.settimeout(30)
            connection, address = listener.accept()
            assert address == client.getsockname()
            connection.close()
        accepted.close()


def status_of(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path)
        return connection.getresponse().status


def statuses(port, *, is_stopping=False):
    """Return the statuses of a liveness and of a readiness check, or None if no connection is possible."""
    time.sleep(0.05)
    # When the service stops, the system resets connections that it has not accepted.
    with contextlib.suppress(ConnectionError if is_stopping else ConnectionRefusedError):
        return status_of(port, "/healthz"), status_of(port, "/readyz")
    return None


def observe(process, port, last):
    """Return the different statuses in their order, until the last one."""
    found = [statuses(port, is_stopping=last is None)]
    while found[-1] != last:
        assert process.poll() is None or len(found) > 1
        current = statuses(port, is_stopping=last is None)
        if current != found[-1]:
            found.append(current)
    return found


@contextlib.contextmanager
def starting_service(folder, *options):
    """Start the service, and yield its process and port at once."""
    port = free_port()
    command = [sys.executable, "-m", "imagemood", "serve", "--port", str(port), "--no-access-log", *options]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, port
        finally:
            process.kill()


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "workers"])
def test_readiness_begins_after_the_start_and_ends_before_the_stop(tmp_path, photos, options):
    with starting_service(tmp_path, "--drain-delay", "3", *options) as (process, port):
        before = observe(process, port, (200, 200))
        assert before == [None, (200, 503), (200, 200)]
        process.send_signal(signal.SIGTERM)
        while statuses(port) != (200, 503):
            pass
        response = httpx.post(f"http://127.0.0.1:{port}/v1/moods", content=photos["rocket.jpg"], timeout=60)
        assert response.status_code == 200
        assert response.headers["connection"] == "close"
        after = observe(process, port, None)
        assert after in ([(200, 503), None], [None])  # the second one if the response took longer than the delay
        _, log = process.communicate(timeout=60)
        assert process.returncode == 0
    assert "Traceback" not in log
    assert "warning" not in log


def test_responses_close_their_connections_during_the_whole_drain(tmp_path):
    with starting_service(tmp_path, "--drain-delay", "60") as (process, port):
        observe(process, port, (200, 200))
        process.send_signal(signal.SIGTERM)
        while statuses(port) != (200, 503):
            pass
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for _ in range(3):  # uvicorn renews the headers of all responses once per second
                assert client.get("/healthz").headers["connection"] == "close"
                time.sleep(0.6)
