from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time

import pytest

from imagemood.serve.stopping import graceful_s
from tests.serve.serving import free_port, serving

UPLOAD = b"POST /v1/moods HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc"
HALF_OPEN = b"GET /healthz HTTP/1.1\r\nHost:"
SCRIPT = """
import signal, sys, threading
if "--keep-ignored" not in sys.argv:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
from imagemood.serve.stopping import Stopper

Stopper(float(sys.argv[1]), lambda: print("stop", flush=True), lambda: print("end", flush=True)).install()
print("ready", flush=True)
threading.Event().wait()
"""


def start(*arguments):
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    return process


def test_most_of_the_time_is_for_the_requests():
    assert [graceful_s(timeout_s) for timeout_s in (30, 10, 1, 0.1)] == [29, 9, 0.5, 0.05]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_second_signal_ends_the_process_at_once(number):
    with start("600") as process:
        process.send_signal(number)
        assert process.stdout.readline() == "stop\n"
        process.send_signal(number)
        assert process.stdout.readline() == "end\n"
        assert process.wait(30) == 128 + number


def test_the_process_ends_when_the_time_is_over():
    with start("0.1") as process:
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)
    assert output == "stop\nend\n"
    assert errors == "warning: stopped after 0.1 s, before everything was complete\n"
    assert process.returncode == 0


def test_an_ignored_signal_remains_ignored():
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + SCRIPT
    with subprocess.Popen(
        [sys.executable, "-c", code, "600", "--keep-ignored"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "stop\n"
        process.kill()


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "workers"])
def test_unfinished_requests_get_a_response_when_the_service_stops(tmp_path, options):
    with serving(tmp_path, "--stop-timeout", "3", *options) as service, contextlib.ExitStack() as stack:
        address = "127.0.0.1", service.port
        clients = [stack.enter_context(socket.create_connection(address, timeout=60)) for _ in range(4)]
        for client, content in zip(clients, (UPLOAD, UPLOAD, HALF_OPEN, b""), strict=True):
            client.sendall(content)
        service.get("/healthz")
        service.process.terminate()
        responses = [client.recv(65536) for client in clients]
        assert service.process.wait(30) == 0
    assert [response[:13] for response in responses] == [b"HTTP/1.1 503 ", b"HTTP/1.1 503 ", b"", b""]


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["one process", "workers"])
def test_a_service_that_is_starting_stops_at_once(tmp_path, options):
    port = free_port()
    command = [sys.executable, "-m", "imagemood", "serve", "--port", str(port), *options]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not _is_listening(port):
            time.sleep(0.01)
        process.terminate()
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    assert log == ""


def _is_listening(port):
    """Return whether connections are accepted, which is before the models are loaded."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
