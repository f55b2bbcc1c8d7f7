from __future__ import annotations

import os

import pytest

from imagemood import _certificates
from imagemood.errors import InputError
from tests.certificates import server_context


@pytest.fixture(autouse=True)
def variables(monkeypatch):
    for name in _certificates.VARIABLES:
        monkeypatch.setenv(name, "")  # restored after the test


@pytest.fixture
def certificate(tmp_path):
    server_context(tmp_path)
    return tmp_path / "authority.pem"


def subjects():
    return [dict(pair[0] for pair in found["subject"]) for found in _certificates.ssl_context().get_ca_certs()]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_of_the_environment(monkeypatch, certificate, name):
    assert len(subjects()) > 50
    assert _certificates.authorities() is None
    monkeypatch.setenv(name, str(certificate))
    assert subjects() == [{"commonName": "Tests"}]
    assert _certificates.authorities() == certificate.read_text()


def test_a_file_of_the_user_replaces_those_of_the_environment(monkeypatch, certificate):
    monkeypatch.setenv("SSL_CERT_FILE", "absent.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "absent.pem")
    monkeypatch.chdir(certificate.parent)
    _certificates.use("authority.pem")
    assert os.environ["SSL_CERT_FILE"] == str(certificate)
    assert subjects() == [{"commonName": "Tests"}]


def test_folders(monkeypatch, certificate):
    (certificate.parent / "server.pem").unlink()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.parent))
    assert _certificates.authorities() == certificate.read_text()
    _certificates.use(certificate.parent)
    assert os.environ["SSL_CERT_DIR"] == str(certificate.parent)


def test_no_file():
    _certificates.use(None)
    assert not os.environ["SSL_CERT_FILE"]


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_what_cannot_be_used_is_named(monkeypatch, tmp_path, content):
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_bytes(content)
    reason = "cannot be read: No such file" if content is None else "not a file of certificate authorities"
    with pytest.raises(InputError, match=rf"authorities\.pem: {reason}"):
        _certificates.use(path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    for function in (_certificates.ssl_context, _certificates.authorities):
        with pytest.raises(InputError, match=rf"authorities\.pem \(REQUESTS_CA_BUNDLE\): {reason}"):
            function()
