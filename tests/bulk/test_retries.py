"""A bulk run retries transient failures of servers, and the next run retries what was unavailable."""

from __future__ import annotations

import http.server
import socket
import struct
import threading
from collections import Counter

import pytest

from imagemood.bulk import engine
from imagemood.bulk.run import run
from imagemood.bulk.settings import BulkRequest, RunSettings
from imagemood.pictures.reading import retries
from tests.bulk.conftest import rows_of, write_photos

N_FAILURES = 2


class UnreliableServer(http.server.BaseHTTPRequestHandler):
    """Fails as the path states: twice; under ``/always/`` until `is_well`; with 403 and 404, always."""

    def do_GET(self):
        self.server.n_requests[self.path] += 1
        failure, name = self.path.strip("/").split("/")[-2:]
        is_over = self.server.is_well if "always" in self.path else self.server.n_requests[self.path] > N_FAILURES
        if failure in ("403", "404") or (failure.isdigit() and not is_over):
            self.send_error(int(failure))
        elif failure == "reset" and not is_over:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            content = (self.server.folder / name).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content if is_over else content[:300])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), UnreliableServer) as running:
        running.n_requests, running.is_well = Counter(), False
        running.folder = write_photos(tmp_path / "photos", 1)
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


def test_transient_failures_are_retried_by_the_run_and_by_the_next_one(server, tmp_path, monkeypatch):
    monkeypatch.setattr(retries, "DELAY_S", 0.001)
    engine.start()
    transient = ["/429", "/500", "/502", "/503", "/504", "/reset", "/cut"]
    permanent = ["/403", "/404"]
    paths = [f"{failure}/000.jpg" for failure in [*transient, *permanent, "/always/503"]]
    address = f"http://127.0.0.1:{server.server_port}"
    (tmp_path / "list.csv").write_text("\n".join(["path", *(address + path for path in paths)]) + "\n")
    request, settings = (
        BulkRequest(str(tmp_path / "list.csv"), "path", n_rows=1),
        RunSettings(str(tmp_path / "moods")),
    )

    summary = run(request, settings)
    n_expected = {
        **dict.fromkeys(transient, N_FAILURES + 1),
        **dict.fromkeys(permanent, 1),
        "/always/503": retries.N_ATTEMPTS,
    }
    assert server.n_requests == {f"{failure}/000.jpg": n for failure, n in n_expected.items()}
    errors = {row["path"].removeprefix(address): row["error"] for row in rows_of(tmp_path / "moods").to_pylist()}
    assert {path: text for path, text in errors.items() if text} == {
        "/403/000.jpg": "the server responded with 403 Forbidden",
        "/404/000.jpg": "the server responded with 404 Not Found",
        "/always/503/000.jpg": "temporarily unavailable: the server responded with 503 Service Unavailable",
    }
    assert summary.errors["temporarily unavailable"] == 1

    server.n_requests.clear()
    server.is_well = True
    assert run(request, settings).n_failed == 2
    assert server.n_requests == {"/always/503/000.jpg": 1}
    assert rows_of(tmp_path / "moods")["error"].null_count == len(paths) - 2
