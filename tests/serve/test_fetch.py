from __future__ import annotations

import asyncio
import http.server
import socket
import threading

import pytest

from imagemood.errors import InputError, RemoteError
from imagemood.serve.fetch import Fetcher, is_public, resolve
from imagemood.serve.settings import Limits

LIMITS = Limits()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.paths.append(self.path)
        where = self.server.redirects.get(self.path)
        self.send_response(302 if where else 404 if self.path == "/gone" else 200)
        if where:
            self.send_header("Location", where)
        self.end_headers()
        if self.path == "/endless":
            while self.server.is_up:
                try:
                    self.wfile.write(bytes(1000))
                except OSError:
                    return
        elif self.path == "/silent":
            self.server.silence.wait(30)
        elif not where:
            self.wfile.write(b"picture")

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.paths, running.redirects, running.is_up, running.silence = [], {}, True, threading.Event()
        running.port = running.server_address[1]
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.is_up = False
        running.silence.set()
        running.shutdown()
        thread.join()


def fetch(url, limits=LIMITS, resolve_=resolve, allowed=lambda address: address == "127.0.0.1"):
    return asyncio.run(Fetcher(limits, resolve_, allowed).fetch(url))


def test_a_picture_is_fetched_over_redirects(server):
    server.redirects = {"/a": "/b", "/b": f"http://127.0.0.1:{server.port}/c"}
    assert fetch(f"http://127.0.0.1:{server.port}/a") == b"picture"
    assert server.paths == ["/a", "/b", "/c"]


def test_what_is_private_is_refused_before_it_is_asked(server):
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "[::1]"):
        with pytest.raises((InputError, RemoteError)) as refused:
            fetch(f"http://{host}:{server.port}/", allowed=is_public)
        assert "not public" in str(refused.value) or "cannot be fetched" in str(refused.value)
    assert server.paths == []


def test_a_redirect_to_what_is_private_is_refused(server):
    server.redirects = {"/a": f"http://127.0.0.2:{server.port}/secret"}
    with pytest.raises(InputError, match=r"127\.0\.0\.2: leads to an address that is not public"):
        fetch(f"http://127.0.0.1:{server.port}/a")
    assert server.paths == ["/a"]


def test_a_redirect_to_a_file_is_refused(server):
    server.redirects = {"/a": "file:///etc/passwd", "/b": "ftp://127.0.0.1/x"}
    for path in server.redirects:
        with pytest.raises(InputError, match=r"is no http\(s\) URL"):
            fetch(f"http://127.0.0.1:{server.port}{path}")


def test_a_name_is_looked_up_once_and_that_address_is_connected_to(server):
    """A name that is public when it is checked and private a moment later gains nothing."""
    asked = []

    async def rebinding(host, port):
        asked.append(host)
        return ["127.0.0.1" if len(asked) == 1 else "127.0.0.2"]

    assert fetch(f"http://rebinding.example:{server.port}/", resolve_=rebinding) == b"picture"
    assert asked == ["rebinding.example"]


def test_one_private_address_beside_a_public_one_is_enough_to_refuse(server):
    async def both(host, port):
        return ["127.0.0.1", "10.0.0.1"]

    with pytest.raises(InputError, match="not public"):
        fetch(f"http://both.example:{server.port}/", resolve_=both)
    assert server.paths == []


def test_limits_of_size_time_and_redirects(server):
    with pytest.raises(InputError, match="more than 5,000 bytes"):
        fetch(f"http://127.0.0.1:{server.port}/endless", Limits(max_bytes=5000))
    with pytest.raises(RemoteError, match="took too long"):
        fetch(f"http://127.0.0.1:{server.port}/silent", Limits(body_timeout_s=0.3))
    server.redirects = {"/round": "/round"}
    with pytest.raises(RemoteError, match="redirects more than 3 times"):
        fetch(f"http://127.0.0.1:{server.port}/round")
    with pytest.raises(RemoteError, match="the server says 404"):
        fetch(f"http://127.0.0.1:{server.port}/gone")


def test_what_is_no_url_or_leads_nowhere():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(RemoteError, match="cannot be fetched"):
        fetch(f"http://127.0.0.1:{port}/")
    for url in ("/etc/passwd", "file:///etc/passwd", "http://", "http://[::1", "gopher://x", "http://a\nb/"):
        with pytest.raises((InputError, RemoteError)):
            fetch(url)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fc00::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_addresses_that_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_addresses_that_are_public(address):
    assert is_public(address)
