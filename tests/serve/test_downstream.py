from __future__ import annotations

import asyncio
import http.server
import json
import threading

import pytest

from imagemood.errors import InputError, RemoteError
from imagemood.serve.downstream import VIA, Downstream, parse_addresses, read_runtime_file
from imagemood.serve.settings import Limits
from tests.serve.serving import PROTOBUF, free_port


def test_addresses_are_grouped_by_method():
    given = ["http://a/x=1", "classify=https://b/", "tag=http://c/", "http://d/"]
    expected = {"tag": ["http://a/x=1", "http://c/", "http://d/"], "classify": ["https://b/"]}
    assert parse_addresses(given, where="x") == expected
    assert parse_addresses([], where="x") == {}


@pytest.mark.parametrize("address", ["file:///etc/passwd", "nowhere", "tag=x", "other=http://a/", ""])
def test_an_address_must_be_a_url(address):
    with pytest.raises(InputError, match=f"^x: '{address}' is not an HTTP\\(S\\) URL \\(for example http://"):
        parse_addresses([address], where="x")


def write(folder, content):
    path = folder / "runtime.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"downstream": ["http://a/", "mood=http://b/"]}, {"tag": ["http://a/"], "mood": ["http://b/"]}),
        ({"downstream": "http://a/"}, {"tag": ["http://a/"]}),
        ({"downstream": []}, {}),
        ({"port": 8886}, {}),
    ],
)
def test_the_runtime_file_of_the_2018_program_is_read(tmp_path, content, expected):
    assert read_runtime_file(write(tmp_path, content)) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "invalid JSON: EOF while parsing"),
        ([], "input should be an object"),
        ({"downstream": 7}, "downstream: input should be a valid array"),
        ({"downstream": None}, "downstream: input should be a valid array"),
        ({"downstream": ["http://a/", 7]}, "downstream.1: input should be a valid string"),
        ({"downstream": ["file:///etc/passwd"]}, "'file:///etc/passwd' is not an HTTP(S) URL"),
    ],
)
def test_what_is_wrong_in_the_runtime_file_is_named(tmp_path, content, message):
    path = write(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_runtime_file(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "http://host:8887/classify" in str(caught.value)


def test_an_unreadable_runtime_file_is_an_error(tmp_path):
    with pytest.raises(InputError, match=r"runtime\.json: No such file or directory"):
        read_runtime_file(tmp_path / "runtime.json")


def test_forwarded_requests_are_not_forwarded_again():
    downstream = Downstream({"tag": ["http://a/"]}, Limits())
    assert downstream.addresses("tag", {}) == ["http://a/"]
    assert downstream.addresses("tag", {"via": "1.1 proxy"}) == ["http://a/"]
    assert downstream.addresses("mood", {}) == ()
    assert downstream.addresses("tag", {"via": f"1.1 proxy, {VIA}"}) == ()
    asyncio.run(downstream.close())


class Handler(http.server.BaseHTTPRequestHandler):
    """Responds with the request's body and path, or with the failure that the path names."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, body, self.headers))
        if self.path == "/silent":
            self.server.release.wait(30)
        self.send_response(503 if self.path == "/busy" else 302 if self.path == "/moved" else 200)
        if self.path == "/moved":
            self.send_header("Location", "/a")
        self.end_headers()
        self.wfile.write(body + self.path.encode() * (1000 if self.path == "/large" else 1))

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.requests, running.release = [], threading.Event()
        running.address = f"http://127.0.0.1:{running.server_address[1]}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.release.set()
        running.shutdown()
        thread.join()


def forward(message, addresses, **limits):
    async def run():
        downstream = Downstream({}, Limits(**limits))
        try:
            return await downstream.forward(message, addresses)
        finally:
            await downstream.close()

    return asyncio.run(run())


def test_the_response_of_one_service_is_the_request_to_the_next(server):
    assert forward(b"x", [f"{server.address}/a", f"{server.address}/b"]) == b"x/a/b"
    assert [(path, body) for path, body, _ in server.requests] == [("/a", b"x"), ("/b", b"x/a")]
    for _, _, headers in server.requests:
        assert (headers["Content-Type"], headers["Accept"], headers["Via"]) == (PROTOBUF, PROTOBUF, VIA)


def test_failures_of_downstream_services_are_remote_errors(server):
    dead = f"http://127.0.0.1:{free_port()}/"
    for address, limits, message in (
        (f"{server.address}/busy", {}, "busy: the downstream service responded 503 Service Unavailable"),
        (f"{server.address}/moved", {}, "moved: the downstream service responded 302 Found"),
        (
            f"{server.address}/large",
            {"max_bytes": 100},
            "large: the response of the downstream service is too",
        ),
        (
            f"{server.address}/silent",
            {"response_timeout_s": 0.1},
            "silent: the downstream service did not respond",
        ),
        (dead, {}, "cannot reach the downstream service: "),
        ("http://[::1", {}, "cannot reach the downstream service: "),
    ):
        with pytest.raises(RemoteError, match=message):
            forward(b"x", [address, f"{server.address}/never"], **limits)
    assert "/never" not in [path for path, _, _ in server.requests]


def test_proxies_of_the_environment_are_not_used(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port()}")
    assert forward(b"x", [f"{server.address}/a"]) == b"x/a"
