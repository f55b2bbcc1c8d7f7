"""URLs are read from a real server on loopback."""

from __future__ import annotations

import gzip
import http.server
import socket
import struct
from collections import Counter

import httpx
import pytest

from imagemood.errors import InputError, RemoteError, UnavailableError
from imagemood.pictures import http_client, limits, retries, storage
from imagemood.pictures.picture import Picture
from tests.servers import http_server


class Handler(http.server.BaseHTTPRequestHandler):
    """Sends the response that the first part of the path names; ``/twice/…`` fails two times, then succeeds."""

    def do_GET(self):
        self.server.requests[self.path] += 1
        first, *rest = self.path.strip("/").split("/")
        if first == "twice":
            first = rest[0] if self.server.requests[self.path] <= 2 else "ok"
        getattr(self, f"send_{first}", lambda: self.send_error(int(first)))()

    def send_ok(self, content=b"picture", **headers):
        self.send_response(200)
        for name, value in {"Content_Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def send_headers(self):
        self.send_ok(repr(sorted(self.headers.items())).encode())

    def send_gzip(self):
        self.send_ok(gzip.compress(b"picture"), Content_Encoding="gzip")

    def send_path(self):
        self.send_ok(self.path.encode())

    def send_moved(self):
        self.send_response(302)
        self.send_header("Location", "/ok/x.jpg")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_loop(self):
        self.send_response(302)
        self.send_header("Location", self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_elsewhere(self):
        self.send_response(302)
        self.send_header("Location", "file:///etc/hostname")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_cut(self):
        self.send_ok(b"picture", Content_Length="8")
        self.close_connection = True

    def send_silent(self):
        self.close_connection = True

    def send_reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server():
    with http_server(Handler) as running:
        running.requests = Counter()
        running.url = f"http://127.0.0.1:{running.server_port}"
        yield running


@pytest.mark.parametrize("path", ["/ok/a.jpg", "/moved/a.jpg", "/gzip/a.jpg"])
def test_content(server, path):
    assert http_client.read_url(server.url + path) == b"picture"
    assert storage.read(server.url + path) == b"picture"
    picture = Picture.from_address(server.url + path)
    assert (picture.name, picture.read()) == (server.url + path, b"picture")


def test_the_client_sends_its_headers(server):
    headers = http_client.read_url(server.url + "/headers").decode()
    assert "('User-Agent', 'image-mood-classifier')" in headers
    assert "('Accept-Encoding', 'identity')" in headers


def test_urls_are_quoted_as_in_browsers(server):
    assert http_client.read_url(server.url + "/path/a b/ü.jpg?q=1#here") == b"/path/a%20b/%C3%BC.jpg?q=1"
    assert http_client.read_url(server.url + "/path/a%20b.jpg") == b"/path/a%20b.jpg"


@pytest.mark.parametrize("failure", [*retries.TRANSIENT_STATUS, "cut", "silent", "reset"])
def test_transient_failures_are_retried(server, failure):
    path = f"/twice/{failure}/a.jpg"
    assert http_client.read_url(server.url + path) == b"picture"
    assert server.requests[path] == 3


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/503/x.jpg", "the server responded with 503 Service Unavailable"),
        ("/429/x.jpg", "the server responded with 429 Too Many Requests"),
        ("/silent/x.jpg", "cannot be fetched: Server disconnected without sending a response"),
        ("/cut/x.jpg", r"cannot be fetched: peer closed connection .*received 7 bytes, expected 8"),
    ],
)
def test_after_all_attempts_the_server_is_unavailable(server, path, message):
    with pytest.raises(UnavailableError, match=f"{path}: {message}"):
        http_client.read_url(server.url + path)
    assert server.requests[path] == retries.N_ATTEMPTS


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/404/y.jpg", "the server responded with 404 Not Found"),
        ("/403/y.jpg", "the server responded with 403 Forbidden"),
        ("/501/y.jpg", "the server responded with 501 Not Implemented"),
        ("/304/y.jpg", "the server responded with 304 Not Modified"),
    ],
)
def test_refusals_are_not_retried(server, path, message):
    with pytest.raises(RemoteError, match=f"{path}: {message}") as caught:
        http_client.read_url(server.url + path)
    assert type(caught.value) is RemoteError
    assert server.requests[path] == 1


def test_redirects_are_limited_in_number_and_to_http(server):
    with pytest.raises(RemoteError, match="Exceeded maximum allowed redirects") as caught:
        http_client.read_url(server.url + "/loop")
    assert type(caught.value) is RemoteError
    with pytest.raises(InputError, match="not a valid URL"):
        http_client.read_url(server.url + "/elsewhere")


def test_a_refused_connection_is_transient():
    with pytest.raises(UnavailableError, match="cannot be fetched: .*refused"):
        http_client.read_url("http://127.0.0.1:1/x.jpg")


def test_a_silent_server_times_out(monkeypatch):
    monkeypatch.setattr(limits, "TIMEOUT_S", 0.05)
    mute = socket.create_server(("127.0.0.1", 0))
    with mute, pytest.raises(UnavailableError, match="cannot be fetched: timed out"):
        http_client.read_url(f"http://127.0.0.1:{mute.getsockname()[1]}/x.jpg")


@pytest.mark.parametrize("code", [socket.EAI_AGAIN, socket.EAI_NONAME])
def test_only_a_temporary_failure_of_the_name_service_is_transient(monkeypatch, code):
    calls = []

    def fail(*arguments, **options):
        calls.append(arguments)
        raise socket.gaierror(code, "no address")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(RemoteError, match="cannot be fetched: .*no address") as caught:
        http_client.read_url("http://pictures.invalid/x.jpg")
    is_temporary = code == socket.EAI_AGAIN
    assert isinstance(caught.value, UnavailableError) is is_temporary
    assert len(calls) == (retries.N_ATTEMPTS if is_temporary else 1)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:port/x.jpg", "http://", "https:///x.jpg", "http://a\x00b/x.jpg"]
)
def test_invalid_urls(url):
    with pytest.raises(InputError, match="not a valid URL"):
        http_client.read_url(url)


def test_too_many_bytes(server, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 6)
    with pytest.raises(InputError, match="too large: more than 6 bytes"):
        http_client.read_url(server.url + "/ok/a.jpg")
    monkeypatch.setattr(limits, "MAX_BYTES", 7)
    assert http_client.read_url(server.url + "/ok/a.jpg") == b"picture"


def test_a_client_can_have_another_transport():
    def respond(request):
        return httpx.Response(200, content=str(request.url).encode())

    with http_client.create_client(httpx.MockTransport(respond)) as client:
        assert http_client.read_url("https://example.org/a.jpg", client=client) == b"https://example.org/a.jpg"


def test_connections_are_shared():
    assert http_client.shared_client() is http_client.shared_client()
