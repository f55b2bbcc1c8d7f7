from __future__ import annotations

import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from imagemood.errors import InputError
from imagemood.serve.transport.tls import check_certificate
from tests.certificates import server_context


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a certificate and its key, together and alone, and keys that do not belong to it."""
    folder = tmp_path_factory.mktemp("tls")
    server_context(folder)
    both = (folder / "server.pem").read_text()
    start = both.index("-----BEGIN CERTIFICATE")
    (folder / "key.pem").write_text(both[:start])
    (folder / "certificate.pem").write_text(both[start:])
    encoding, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "other.pem").write_bytes(key.private_bytes(encoding, private, serialization.NoEncryption()))
    encryption = serialization.BestAvailableEncryption(b"secret")
    (folder / "encrypted.pem").write_bytes(key.private_bytes(encoding, private, encryption))
    (folder / "text.pem").write_text("hello")
    return folder


@pytest.mark.parametrize(("certificate", "key"), [("server.pem", None), ("certificate.pem", "key.pem")])
def test_valid_certificates(folder, certificate, key):
    check_certificate(folder / certificate, key and folder / key)


@pytest.mark.parametrize(
    ("certificate", "key", "message"),
    [
        ("absent.pem", None, "absent.pem: No such file or directory"),
        ("certificate.pem", "absent.pem", "absent.pem: No such file or directory"),
        ("certificate.pem", ".", "directory"),
        ("certificate.pem", None, "certificate.pem: not a private key in PEM format (or add --ssl-keyfile)"),
        ("certificate.pem", "text.pem", "text.pem: not a private key in PEM format"),
        ("text.pem", "key.pem", "text.pem: not a certificate in PEM format"),
        ("key.pem", "key.pem", "key.pem: not a certificate in PEM format"),
        ("certificate.pem", "other.pem", "other.pem: the private key belongs to another certificate"),
        ("certificate.pem", "encrypted.pem", "encrypted.pem: the private key is encrypted"),
    ],
)
def test_other_files_are_refused(folder, certificate, key, message):
    with pytest.raises(InputError) as caught:
        check_certificate(folder / certificate, key and folder / key)
    assert message in str(caught.value)


def test_the_command_refuses_a_certificate_before_it_loads_the_models(folder):
    command = [sys.executable, "-m", "imagemood", "serve", "--ssl-certfile", folder / "text.pem"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {folder / 'text.pem'}: not a certificate in PEM format")
