"""Every client of this package uses the proxies and the certificate authorities that the environment names."""

from __future__ import annotations

import asyncio
import http.server
import subprocess
import sys

import pytest

from imagemood import _certificates
from imagemood.acumos.account import Credentials, Destination
from imagemood.acumos.dump import dump
from imagemood.acumos.push import push
from imagemood.errors import MoodError
from imagemood.pictures.reading import http_client, limits, retries, storage, store_configuration
from imagemood.serve.downstream import Downstream
from imagemood.serve.request_bodies.fetch import Fetcher
from imagemood.serve.settings import Limits
from tests.acumos.onboarding import TOKEN, onboarding_server
from tests.certificates import server_context
from tests.servers import http_server, proxy_server, s3_server

ROWS = b"image,tag,score\n0,volcano,1\n"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.send_response(200)
        self.send_header("Content-Length", str(len(ROWS)))
        self.end_headers()
        self.wfile.write(ROWS)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_): ...


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in _certificates.VARIABLES:
        monkeypatch.setenv(name, "")  # restored after the test
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(retries, "DELAY_S", 0)
    _forget_clients()
    yield
    _forget_clients()


def _forget_clients():
    if http_client.shared_client.cache_info().currsize:
        http_client.shared_client().close()  # or the server would wait for it
    http_client.shared_client.cache_clear()
    store_configuration.connect.cache_clear()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    context = server_context(folder)
    return folder / "authority.pem", context


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle") / "bundle"
    dump(folder)
    return folder


def read_picture(url, _bundle):
    storage.read(url)


def push_bundle(url, bundle):
    push(bundle, Destination(f"{url}push"), Credentials(TOKEN))


def forward(url, _bundle):
    async def post():
        downstream = Downstream({}, Limits())
        try:
            await downstream.forward(b"", [url])
        finally:
            await downstream.close()

    asyncio.run(post())


def fetch(url, _bundle):
    asyncio.run(Fetcher(Limits(), is_allowed=bool).fetch(url))


@pytest.fixture
def https(request, certificate):
    """The address of an HTTPS server; that of an onboarding server accepts bundles."""
    _, context = certificate
    if request.getfixturevalue("send") is push_bundle:
        with onboarding_server(context) as server:
            yield f"{server.address}/"
        return
    with http_server(Handler, context) as server:
        yield f"https://127.0.0.1:{server.server_port}/"


CLIENTS = pytest.mark.parametrize(
    "send", [read_picture, push_bundle, forward, fetch], ids=lambda send: send.__name__
)


@CLIENTS
@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_authorities(https, send, bundle, certificate, monkeypatch, name):
    with pytest.raises(MoodError, match="certificate"):
        send(https, bundle)
    _forget_clients()
    monkeypatch.setenv(name, str(certificate[0]))
    send(https, bundle)


@CLIENTS
def test_proxies(https, send, bundle, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with proxy_server() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        try:
            send(https, bundle)
            host = https.split("/")[2]
            assert proxy.tunnels == [host]
            _forget_clients()
            monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
            send(https, bundle)
            assert proxy.tunnels == [host]
        finally:
            _forget_clients()  # or the proxy would wait for the end of its tunnel


@CLIENTS
def test_settings_that_cannot_be_used(send, bundle, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "ftp://proxy.invalid")
    with pytest.raises(MoodError, match="the environment variables for proxies or certificates cannot be used"):
        send("https://127.0.0.1:9/", bundle)
    monkeypatch.setenv("HTTPS_PROXY", "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "absent.pem")
    with pytest.raises(MoodError, match=r"^absent\.pem \(REQUESTS_CA_BUNDLE\): cannot be read"):
        send("https://127.0.0.1:9/", bundle)


def test_object_stores(certificate, monkeypatch):
    monkeypatch.setattr(retries, "N_ATTEMPTS", 1)
    monkeypatch.setattr(limits, "TIMEOUT_S", 5.0)
    path, context = certificate
    with s3_server(context) as s3, proxy_server() as proxy:
        for name, value in s3.environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(MoodError):
            storage.read("s3://bucket/a.csv")
        _forget_clients()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
        with pytest.raises(MoodError, match="bucket"):
            storage.read("s3://bucket/a.csv")
        assert s3.requests["GET"] == 1
        _forget_clients()
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(MoodError, match="bucket"):
            storage.read("s3://bucket/a.csv")
        assert (s3.requests["GET"], len(proxy.tunnels)) == (2, 1)
        store_configuration.connect.cache_clear()


def test_the_option_for_a_file_of_authorities(certificate, tmp_path):
    path, context = certificate
    with http_server(Handler, context) as server:
        url = f"https://localhost:{server.server_port}/tags.csv"
        command = [sys.executable, "-m", "imagemood", "mood", url]
        refused = subprocess.run(command, capture_output=True, text=True)
        done = subprocess.run([*command, "--ca-file", path], capture_output=True, text=True)
    assert (refused.returncode, "certificate verify failed" in refused.stderr) == (1, True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("image,tag,score\n0,awe,")
