from __future__ import annotations

import pytest

from imagemood._proxies import Proxies

PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("no_proxy", "host", "expected"),
    [
        ("", "example.org", PROXY),
        ("*", "example.org", None),
        ("localhost, example.org", "example.org", None),
        ("example.org", "www.example.org", None),
        ("example.org", "notexample.org", PROXY),
        (".example.org", "www.example.org", None),
        ("*.example.org", "www.example.org", None),
        ("EXAMPLE.org", "Example.ORG", None),
        ("example.org:8443", "example.org", None),
        ("example.org:443", "example.org", PROXY),
        ("127.0.0.1", "127.0.0.1", None),
        ("127.0.0.1:8443", "127.0.0.1", None),
        ("127.0.0.1:443", "127.0.0.1", PROXY),
        ("127.0.0.0/8", "127.0.0.9", None),
        ("10.0.0.0/8,192.168.0.0/16", "192.169.0.1", PROXY),
        ("::1", "[::1]", None),
        ("[::1]", "::1", None),
        ("fd00::/8", "fd00::5", None),
        ("127.0.0.1", "::1", PROXY),
        ("0.1", "10.0.0.1", PROXY),
    ],
)
def test_excluded_hosts(monkeypatch, no_proxy, host, expected):
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert Proxies.from_environment().of("https", host, 8443) == expected


def test_schemes(monkeypatch):
    assert Proxies.from_environment().of("https", "example.org") is None
    monkeypatch.setenv("https_proxy", "proxy.example:1")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:2")
    proxies = Proxies.from_environment()
    assert proxies.of("https", "example.org") == "http://proxy.example:1"
    assert proxies.of("http", "example.org") == "http://proxy.example:2"
    assert Proxies.from_environment(("https",)).of("http", "example.org") is None
