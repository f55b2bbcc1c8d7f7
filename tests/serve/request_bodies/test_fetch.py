from __future__ import annotations

import asyncio
import contextlib
import datetime
import http.server
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError, RemoteError
from imagemood.serve.request_bodies.fetch import Fetcher, resolve
from imagemood.serve.request_bodies.public_addresses import is_public
from imagemood.serve.settings import Limits

LIMITS = Limits()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append((self.path, self.headers))
        location = self.server.redirects.get(self.path)
        self.send_response(302 if location else 404 if self.path == "/gone" else 200)
        if location:
            self.send_header("Location", location)
        self.send_header("Set-Cookie", "session=secret")
        self.end_headers()
        if self.path.startswith("/endless"):
            while self.server.is_up:
                try:
                    self.wfile.write(bytes(1000))
                except OSError:
                    return
        elif self.path == "/silent":
            self.server.silence.wait(30)
        elif not location:
            self.wfile.write(b"picture")

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def serving(ssl_context=None):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.requests, running.redirects = [], {}
        running.is_up, running.silence = True, threading.Event()
        running.port = running.server_address[1]
        if ssl_context:
            running.socket = ssl_context.wrap_socket(running.socket, server_side=True)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running
        finally:
            running.is_up = False
            running.silence.set()
            running.shutdown()
            thread.join()


@pytest.fixture
def server():
    with serving() as running:
        yield running


def is_local(address):
    return address == "127.0.0.1"


def fetch(url, limits=LIMITS, resolver=resolve, is_allowed=is_local, ssl_context=None):
    return asyncio.run(Fetcher(limits, resolver, is_allowed, ssl_context).fetch(url))


def paths(server):
    return [path for path, _ in server.requests]


def test_a_picture_is_fetched_through_redirects(server):
    server.redirects = {"/a": "/b", "/b": f"http://127.0.0.1:{server.port}/c"}
    assert fetch(f"http://127.0.0.1:{server.port}/a") == b"picture"
    assert paths(server) == ["/a", "/b", "/c"]


def test_no_cookies_remain_for_the_next_picture(server):
    async def fetch_twice():
        fetcher = Fetcher(LIMITS, is_allowed=is_local)
        for _ in range(2):
            await fetcher.fetch(f"http://127.0.0.1:{server.port}/a")

    asyncio.run(fetch_twice())
    assert [headers["Cookie"] for _, headers in server.requests] == [None, None]


def test_private_addresses_are_refused_before_a_connection_is_made(server):
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "[::1]"):
        with pytest.raises((InputError, RemoteError)) as refused:
            fetch(f"http://{host}:{server.port}/", is_allowed=is_public)
        assert "not public" in str(refused.value) or "cannot be fetched" in str(refused.value)
    assert server.requests == []


def test_a_redirect_to_a_private_address_is_refused(server):
    server.redirects = {"/a": f"http://127.0.0.2:{server.port}/secret"}
    with pytest.raises(InputError, match=r"127\.0\.0\.2: resolves to an address that is not public"):
        fetch(f"http://127.0.0.1:{server.port}/a")
    assert paths(server) == ["/a"]


def test_a_redirect_to_another_scheme_is_refused(server):
    server.redirects = {"/a": "file:///etc/passwd", "/b": "ftp://127.0.0.1/x"}
    for path in server.redirects:
        with pytest.raises(InputError, match=r"not an HTTP\(S\) URL"):
            fetch(f"http://127.0.0.1:{server.port}{path}")


@pytest.mark.parametrize("location", ["http://[::1/", "//[", "http://[1.2.3.4]/", "http://[::1]:x/"])
def test_a_redirect_to_an_invalid_url_is_refused(server, location):
    server.redirects = {"/a": location}
    with pytest.raises((InputError, RemoteError)):
        fetch(f"http://127.0.0.1:{server.port}/a")
    assert paths(server) == ["/a"]


def test_the_checked_address_is_the_one_that_is_connected_to(server):
    """A host name that resolves to a private address after the check does not bypass it."""
    resolved = []

    async def rebinding(host, port):
        resolved.append((host, port))
        return ["127.0.0.1" if len(resolved) == 1 else "127.0.0.2"]

    assert fetch(f"http://rebinding.example:{server.port}/", resolver=rebinding) == b"picture"
    assert resolved == [("rebinding.example", server.port)]
    (_, headers) = server.requests[0]
    assert headers["Host"] == f"rebinding.example:{server.port}"


def test_each_redirect_is_resolved_and_checked(server):
    resolved = []

    async def rebinding(host, port):
        resolved.append(host)
        return ["127.0.0.1" if len(resolved) == 1 else "127.0.0.2"]

    server.redirects = {"/a": "/b"}
    with pytest.raises(InputError, match="not public"):
        fetch(f"http://rebinding.example:{server.port}/a", resolver=rebinding)
    assert paths(server) == ["/a"]
    assert resolved == ["rebinding.example"] * 2


@pytest.mark.parametrize("addresses", [[], ["127.0.0.1", "10.0.0.1"], ["10.0.0.1", "127.0.0.1"]])
def test_every_address_of_a_name_must_be_allowed(server, addresses):
    async def resolver(host, port):
        return addresses

    with pytest.raises(InputError, match="not public"):
        fetch(f"http://both.example:{server.port}/", resolver=resolver)
    assert server.requests == []


@pytest.mark.parametrize("error", [socket.gaierror(socket.EAI_NONAME, "unknown"), UnicodeError("label too long")])
def test_a_name_that_cannot_be_resolved_is_a_remote_error(error):
    async def fail(host, port):
        raise error

    with pytest.raises(RemoteError, match=r"http://nowhere\.example/: cannot be fetched: cannot resolve nowhere"):
        fetch("http://nowhere.example/", resolver=fail)


def test_proxies_and_credentials_of_the_environment_are_not_used(server, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert fetch(f"http://127.0.0.1:{server.port}/") == b"picture"
    assert server.requests[0][1]["Authorization"] is None


@pytest.mark.parametrize(
    ("pasted", "path"),
    [
        (" <http://127.0.0.1:{port}/a b%20ü.jpg?q=ä#top> ", "/a%20b%20%C3%BC.jpg?q=%C3%A4"),
        ("HTTP:/127.0.0.1:{port}\\a.jpg", "/a.jpg"),
        ("http://127.0.0.1:{port}/100%/x/../%2F.jpg", "/100%/%2F.jpg"),
    ],
)
def test_pasted_urls(server, pasted, path):
    assert fetch(pasted.format(port=server.port)) == b"picture"
    assert paths(server) == [path]


def test_host_names_are_resolved_as_in_browsers(server):
    resolved = []

    async def local(host, port):
        resolved.append(host)
        return ["127.0.0.1"]

    for host in ("bücher.example", "BÜCHER。example.", "☃.example"):
        assert fetch(f"http://{host}:{server.port}/", resolver=local) == b"picture"
    assert resolved == ["xn--bcher-kva.example", "xn--bcher-kva.example.", "xn--n3h.example"]


def test_credentials_are_sent_to_their_server_only_and_not_shown(server):
    with serving() as other:
        server.redirects = {"/a": "/b", "/b": f"http://127.0.0.1:{other.port}/c"}
        assert fetch(f"http://me:secret@127.0.0.1:{server.port}/a") == b"picture"
        assert other.requests[0][1]["Authorization"] is None
    assert [headers["Authorization"] for _, headers in server.requests] == ["Basic bWU6c2VjcmV0"] * 2
    for path in ("gone", "silent"):
        with pytest.raises(RemoteError) as caught:
            fetch(f"http://me:secret@127.0.0.1:{server.port}/{path}", Limits(body_timeout_s=0.3))
        assert "secret" not in repr(caught.value) + str(caught.value)


def test_size_time_and_redirects_are_limited(server):
    with pytest.raises(InputError, match="too large: more than 5,000 bytes"):
        fetch(f"http://127.0.0.1:{server.port}/endless", Limits(max_bytes=5000))
    with pytest.raises(RemoteError, match="did not respond in time"):
        fetch(f"http://127.0.0.1:{server.port}/silent", Limits(body_timeout_s=0.3))
    server.redirects = {"/round": "/round"}
    with pytest.raises(RemoteError, match="more than 3 redirects"):
        fetch(f"http://127.0.0.1:{server.port}/round")
    assert paths(server).count("/round") == 4
    with pytest.raises(RemoteError, match="the server responded with 404"):
        fetch(f"http://127.0.0.1:{server.port}/gone")


def test_the_body_of_a_redirect_is_not_read(server):
    server.redirects = {"/endless": "/b"}
    assert fetch(f"http://127.0.0.1:{server.port}/endless", Limits(max_bytes=5000)) == b"picture"


def test_a_server_that_does_not_listen_is_a_remote_error():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(RemoteError, match="cannot be fetched"):
        fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "url", ["", "/etc/passwd", "file:///etc/passwd", "http://", "http://[::1", "gopher://x", "http://a\nb/"]
)
def test_invalid_urls_are_refused(url):
    with pytest.raises((InputError, RemoteError)):
        fetch(url)


TEXT = st.text(st.characters(), max_size=40) | st.text("[]0123456789abcdef:.%@/x\0 ", max_size=40)


@given(TEXT | TEXT.map(lambda text: f"http://{text}") | TEXT.map(lambda text: f"https://[{text}]/"))
def test_any_text_raises_an_expected_error(text):
    async def nowhere(host, port):
        return []

    with pytest.raises((InputError, RemoteError)):
        fetch(text, resolver=nowhere, ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate and key for photos.example."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "photos.example")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("photos.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    encoding, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(
        signed.public_bytes(encoding) + key.private_bytes(encoding, private, serialization.NoEncryption())
    )
    return path


def test_the_certificate_must_be_for_the_name_not_for_the_address(certificate):
    async def local(host, port):
        return ["127.0.0.1"]

    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=certificate)
    with serving(server_context) as server:
        url = f"https://photos.example:{server.port}/a"
        assert fetch(url, resolver=local, ssl_context=trusting) == b"picture"
        with_dot = url.replace(".example", ".example.")
        assert fetch(with_dot, resolver=local, ssl_context=trusting) == b"picture"
        for wrong_url, context in (
            (url.replace("photos", "other"), trusting),
            (url.replace("photos.example", "127.0.0.1"), trusting),
            (url, None),
        ):
            with pytest.raises(RemoteError, match="certificate verify failed"):
                fetch(wrong_url, resolver=local, ssl_context=context)
