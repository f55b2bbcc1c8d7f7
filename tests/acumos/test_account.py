from __future__ import annotations

import pytest

from imagemood.acumos.account import Credentials, Destination


def test_credentials_are_read_from_the_environment():
    environment = {"ACUMOS_TOKEN": "t", "ACUMOS_USERNAME": "ada", "ACUMOS_PASSWORD": "p", "PATH": "/bin"}
    assert Credentials.from_environment(environment) == Credentials("t", "ada", "p")


@pytest.mark.parametrize("environment", [{}, {"ACUMOS_TOKEN": "", "ACUMOS_USERNAME": "", "ACUMOS_PASSWORD": ""}])
def test_missing_and_empty_variables_are_ignored(environment):
    assert Credentials.from_environment(environment) == Credentials()


def test_the_representation_of_credentials_does_not_show_them():
    shown = repr(Credentials("token-17", "ada", "pass word"))
    assert not [secret for secret in ("token-17", "ada", "pass word") if secret in shown]


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        (Credentials("t0k"), "*** and pw, *** again"),
        (Credentials(None, "ada", "pw"), "t0k and ***, t0k again"),
        (Credentials("t0k", "ada", "pw"), "*** and ***, *** again"),
        (Credentials(), "t0k and pw, t0k again"),
    ],
)
def test_redact_replaces_every_secret(credentials, expected):
    assert credentials.redact("t0k and pw, t0k again") == expected


@pytest.mark.parametrize(
    ("address", "is_insecure"),
    [
        ("http://example.org/x", True),
        ("HTTP://example.org/x", True),
        ("http://192.0.2.1/", True),
        ("https://example.org/x", False),
        ("http://localhost:8/", False),
        ("http://127.0.0.1/", False),
        ("http://[::1]:80/", False),
    ],
)
def test_unencrypted_addresses_of_other_machines_are_insecure(address, is_insecure):
    expected = [address] if is_insecure else []
    assert Destination(address).insecure_addresses == expected
    assert Destination("https://example.org", address).insecure_addresses == expected


def test_both_addresses_can_be_insecure():
    destination = Destination("http://push.example.org", "http://auth.example.org")
    assert destination.insecure_addresses == ["http://push.example.org", "http://auth.example.org"]
