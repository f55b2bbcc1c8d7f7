"""A bulk run retries transient failures of servers, and the next run retries what was unavailable."""

from __future__ import annotations

import http.server
import socket
import struct
import threading
from collections import Counter

import pytest

from imagemood.bulk import engine
from imagemood.bulk.job import Job
from imagemood.bulk.run import Order, run
from imagemood.pictures import retries
from tests.bulk.conftest import rows_of, write_photos

N_FAILURES = 2


class Shaky(http.server.BaseHTTPRequestHandler):
    """Fails in the way that the path names: twice, at ``/always/…`` until the server is well, or for good."""

    def do_GET(self):
        self.server.n_asked[self.path] += 1
        way, name = self.path.strip("/").split("/")[-2:]
        is_over = self.server.is_well if "always" in self.path else self.server.n_asked[self.path] > N_FAILURES
        if way in ("403", "404") or (way.isdigit() and not is_over):
            self.send_error(int(way))
        elif way == "reset" and not is_over:
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
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shaky) as running:
        running.n_asked, running.is_well = Counter(), False
        running.folder = write_photos(tmp_path / "photos", 1)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_web_servers_are_asked_again_in_a_run_and_in_the_next_one(server, tmp_path, monkeypatch):
    monkeypatch.setattr(retries, "DELAY_S", 0.001)
    engine.start()
    passing = ["/429", "/500", "/502", "/503", "/504", "/reset", "/cut"]
    lasting = ["/403", "/404"]
    paths = [f"{way}/000.jpg" for way in [*passing, *lasting, "/always/503"]]
    here = f"http://127.0.0.1:{server.server_port}"
    (tmp_path / "list.csv").write_text("\n".join(["path", *(here + path for path in paths)]) + "\n")
    order, job = Order(str(tmp_path / "list.csv"), "path", n_rows=1), Job(str(tmp_path / "moods"))

    summary = run(order, job)
    asked = {
        **dict.fromkeys(passing, N_FAILURES + 1),
        **dict.fromkeys(lasting, 1),
        "/always/503": retries.N_ATTEMPTS,
    }
    assert server.n_asked == {f"{way}/000.jpg": n for way, n in asked.items()}
    errors = {row["path"].removeprefix(here): row["error"] for row in rows_of(tmp_path / "moods").to_pylist()}
    assert {path: text for path, text in errors.items() if text} == {
        "/403/000.jpg": "the server responded with 403 Forbidden",
        "/404/000.jpg": "the server responded with 404 Not Found",
        "/always/503/000.jpg": "not available for now: the server responded with 503 Service Unavailable",
    }
    assert summary.errors["not available for now"] == 1

    server.n_asked.clear()
    server.is_well = True
    assert run(order, job).n_failed == 2
    assert server.n_asked == {"/always/503/000.jpg": 1}
    assert rows_of(tmp_path / "moods")["error"].null_count == len(paths) - 2
