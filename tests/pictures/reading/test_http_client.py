"""URLs are read from a real server on loopback."""

from __future__ import annotations

import base64
import contextlib
import gzip
import http.server
import socket
import struct
import threading
import tracemalloc
from collections import Counter

import pytest

from imagemood.errors import InputError, RemoteError, UnavailableError
from imagemood.pictures.picture import Picture
from imagemood.pictures.reading import http_client, limits, retries, storage
from tests.servers import http_server

GZIP_BOMB = gzip.compress(bytes(20_000_000))


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

    def send_empty(self):
        self.send_ok(b"")

    def send_204(self):
        self.send_response(204)
        self.end_headers()

    def send_port(self):
        self.send_ok(str(self.client_address[1]).encode())

    def send_broken_gzip(self):
        self.send_ok(b"picture", Content_Encoding="gzip")

    def send_unknown_encoding(self):
        self.send_ok(b"picture", Content_Encoding="br")

    def send_page(self):
        self.send_ok(b"\n<!DOCTYPE html>", Content_Type="text/html; charset=utf-8")

    def send_mislabelled(self):
        self.send_ok(b"\xff\xd8picture", Content_Type="text/html")

    def send_long_header(self):
        with contextlib.suppress(OSError):  # the client closes the connection
            self.send_ok(b"picture", X_Long="x" * 10_000_000)

    def send_many_headers(self):
        self.send_ok(b"picture", **{f"X_{number}": "x" * 100 for number in range(2000)})

    def send_wrong_length(self):
        self.send_ok(b"picture", Content_Length="minus one")

    def send_not_http(self):
        self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        self.close_connection = True

    def send_gzip_bomb(self):
        self.send_ok(GZIP_BOMB, Content_Encoding="gzip")

    def send_announced(self):
        self.send_ok(b"", Content_Length="1000000000000")

    def send_forever(self, part, pause_s=0.0):
        while not self.server.is_closing.wait(pause_s):
            try:
                self.wfile.write(part)
            except OSError:
                return

    def send_endless(self):
        self.send_response(200)
        self.end_headers()
        self.send_forever(bytes(1000))

    def send_endless_redirect(self):
        self.send_response(302)
        self.send_header("Location", "/ok/x.jpg")
        self.end_headers()
        self.send_forever(bytes(1000))

    def send_drip(self):
        self.send_response(200)
        self.end_headers()
        self.send_forever(b"x", 0.02)

    def send_header_drip(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self.send_forever(b"x", 0.02)

    def send_redirect_drip(self):
        self.server.is_closing.wait(0.05)
        self.send_to("/redirect_drip/again")

    def send_to(self, location):
        self.send_response(307)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_to_headers(self):
        self.send_to("/headers")

    def send_to_other(self):
        self.send_to(self.server.other)

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
        running.is_closing = threading.Event()
        running.url = f"http://127.0.0.1:{running.server_port}"
        yield running
        running.is_closing.set()


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
    with pytest.raises(RemoteError, match="more than 10 redirects") as caught:
        http_client.read_url(server.url + "/loop")
    assert type(caught.value) is RemoteError
    message = r"/elsewhere: redirects to file:///etc/hostname, which is not an HTTP\(S\) URL"
    with pytest.raises(InputError, match=message):
        http_client.read_url(server.url + "/elsewhere")


def test_a_refused_connection_is_transient():
    with pytest.raises(UnavailableError, match="cannot be fetched: Connection refused"):
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
    with pytest.raises(RemoteError, match="cannot be fetched: no address") as caught:
        http_client.read_url("http://pictures.invalid/x.jpg")
    is_temporary = code == socket.EAI_AGAIN
    assert isinstance(caught.value, UnavailableError) is is_temporary
    assert len(calls) == (retries.N_ATTEMPTS if is_temporary else 1)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:port/x.jpg", "http://", "https:///", "http://a\x00b/x.jpg", "http://[::1/", "http://[x]/"],
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


def test_connections_are_shared():
    assert http_client.shared_client() is http_client.shared_client()


def test_a_connection_is_reused():
    class KeepAliveHandler(Handler):
        protocol_version = "HTTP/1.1"

    with http_server(KeepAliveHandler) as running:
        running.requests = Counter()
        ports = {http_client.read_url(f"http://127.0.0.1:{running.server_port}/port/{n}") for n in range(3)}
        http_client.shared_client().close()  # or the server would wait for it
    http_client.shared_client.cache_clear()
    assert len(ports) == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/empty/x.jpg", "the server sent no content"),
        ("/204/x.jpg", "the server sent no content"),
        ("/broken_gzip/x.jpg", "the server sent invalid gzip data"),
        ("/unknown_encoding/x.jpg", "the server sent the encoding 'br', which was not requested"),
        ("/page/x.jpg", r"the server sent a web page \(give the address of the file itself\)"),
        ("/long_header/x.jpg", "cannot be fetched: "),
        ("/many_headers/x.jpg", "cannot be fetched: "),
        ("/wrong_length/x.jpg", "cannot be fetched: "),
        ("/not_http/x.jpg", "cannot be fetched: "),
    ],
)
def test_responses_that_are_no_files(server, path, message):
    with pytest.raises((RemoteError, InputError), match=message):
        http_client.read_url(server.url + path)


def test_a_picture_with_the_media_type_of_a_page(server):
    assert http_client.read_url(server.url + "/mislabelled/x.jpg") == b"\xff\xd8picture"


@pytest.mark.parametrize("path", ["/gzip_bomb/x.jpg", "/endless/x.jpg", "/announced/x.jpg"])
def test_contents_that_are_too_large(server, path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 100_000)
    tracemalloc.start()
    with pytest.raises(InputError, match=f"{path}: too large: more than 100,000 bytes"):
        http_client.read_url(server.url + path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_the_body_of_a_redirect_is_not_read(server):
    assert http_client.read_url(server.url + "/endless_redirect/x.jpg") == b"picture"


@pytest.mark.parametrize("path", ["/drip/x.jpg", "/header_drip/x.jpg", "/redirect_drip/x.jpg"])
def test_the_total_time_is_limited(server, path, monkeypatch):
    monkeypatch.setattr(limits, "TOTAL_TIMEOUT_S", 0.3)
    with pytest.raises(RemoteError, match=f"{path}: not finished after 0.3 seconds") as caught:
        http_client.read_url(server.url + path)
    assert type(caught.value) is RemoteError


def test_credentials_are_sent_but_never_shown(server):
    address = server.url.replace("//", "//me:p%40ss word@")
    expected = f"('Authorization', 'Basic {base64.b64encode(b'me:p@ss word').decode()}')"
    assert expected in http_client.read_url(f"{address}/headers").decode()
    picture = Picture.from_address(f"{address}/404/a.jpg")
    assert picture.name == f"{server.url.replace('//', '//***@')}/404/a.jpg"
    for path in ("404/a.jpg", "cut/a.jpg", "elsewhere"):
        with pytest.raises((RemoteError, InputError)) as caught:
            http_client.read_url(f"{address}/{path}")
        assert "p%40ss" not in str(caught.value)
        assert "word" not in repr(caught.value)
        assert "***@127.0.0.1" in str(caught.value)


def test_credentials_follow_redirects_to_the_same_server_only(server):
    address = server.url.replace("//", "//me:secret@")
    assert "'Authorization'" in http_client.read_url(f"{address}/to_headers/a").decode()
    with http_server(Handler) as other:
        other.requests = Counter()
        server.other = f"http://127.0.0.1:{other.server_port}/headers"
        assert "'Authorization'" not in http_client.read_url(f"{address}/to_other/a").decode()


@pytest.mark.parametrize(
    ("pasted", "path"),
    [
        ('  "{url}/path/a b.jpg" ', "/path/a%20b.jpg"),
        ("<{url}/path/ü%20%C3%BC%2F%.jpg?q=ä b&c=%#top>", "/path/%C3%BC%20%C3%BC%2F%.jpg?q=%C3%A4%20b&c=%"),
        ("HTTP:/{host}/path\\a.jpg", "/path/a.jpg"),
        (
            "{url}/path/{{a}}|^`'\\x.jpg?a=[1]&b={{}}|^`'<>\"",
            "/path/%7Ba%7D|%5E%60'/x.jpg?a=[1]&b={}|^`%27%3C%3E%22",
        ),
        ("{url}/path/\nlong\n/line.jpg", "/path/long/line.jpg"),
        ("{url}/x/../path/./a.jpg", "/path/a.jpg"),
        ("{url}/path/a//b.jpg", "/path/a//b.jpg"),
        ("{url}/path/?redirect=http://x/y?z", "/path/?redirect=http://x/y?z"),
    ],
)
def test_what_the_server_receives(server, pasted, path):
    address = pasted.format(url=server.url, host=server.url.removeprefix("http://"))
    assert http_client.read_url(address).decode() == path


def test_proxy_settings_that_cannot_be_used(monkeypatch):
    http_client.shared_client.cache_clear()
    monkeypatch.setenv("HTTP_PROXY", "ftp://proxy.invalid")
    with pytest.raises(InputError, match="the environment variables for proxies or certificates cannot be used"):
        http_client.read_url("http://127.0.0.1:1/x.jpg")
    http_client.shared_client.cache_clear()
