from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError
from imagemood.serve.asgi.hosts import AllowedHosts, is_loopback, parse_host, with_host_of_target

LOOPBACK = (
    *("localhost", "LOCALHOST:8887", "localhost.", "localhost.:80", "localhost:", "mood.localhost:8887"),
    *(
        "127.0.0.1",
        "127.0.0.1:8887",
        "127.1.2.3",
        "[::1]",
        "[::1]:8887",
        "[0:0:0:0:0:0:0:1]",
        "[::FFFF:127.0.0.1]:1",
    ),
)
OTHER_ADDRESSES = (
    "10.0.0.1",
    "192.168.1.5:8887",
    "0.0.0.0:8887",
    "[::]:80",
    "[fe80::1]",
    "1.1.1.1",
    "[2001:db8::1]",
)
LOCAL_NAMES = ("mood", "mood:8887", "my_service:80", "nas.local", "mood.default.svc.cluster.local", "pc.home.arpa")
PUBLIC_NAMES = (
    *("attacker.example", "attacker.example:8887", "localhost.attacker.example", "127.0.0.1.attacker.example"),
    *("localhost.example.", "xlocalhost.com", "notlocal.host", "x.locals", "127.0.0.1.nip.io", "2130706433.com"),
)
INVALID = (
    *(
        "",
        " ",
        ".",
        "..",
        "a..b",
        ".localhost",
        "localhost..",
        "localhost:port",
        "localhost:123456",
        "localhost:65536",
    ),
    *(
        "localhost:80:80",
        "localhost:-1",
        "localhost: 80",
        "localhost, attacker.example",
        "localhost attacker.example",
    ),
    *(
        "user@localhost",
        "localhost/",
        "localhost/x",
        "http://localhost",
        "localhost#x",
        "localhost?x",
        "loc\\alhost",
    ),
    *(
        "[::1",
        "::1",
        "::1]",
        "[]",
        "[localhost]",
        "[127.0.0.1]",
        "[::1]x",
        "[::1%25eth0]",
        "[fe80::1%eth0]",
        "[::g]",
    ),
    *(
        "löcalhost",
        "localhost\x00",
        "localhost\t",
        "localhost\u0660",
        "localhost:\u0661",
        "%6cocalhost",
        "*",
        "a" * 300,
    ),
)


def allows(hosts, value):
    host = parse_host(value)
    return host is not None and hosts.allows(host)


@pytest.mark.parametrize("interface", ["127.0.0.1", "localhost", "::1", "::", "mood.example.org", "10.0.0.1"])
def test_loopback_is_always_allowed(interface):
    hosts = AllowedHosts(["mood.example.org"], interface)
    assert [value for value in LOOPBACK if not allows(hosts, value)] == []


@pytest.mark.parametrize("value", OTHER_ADDRESSES + LOCAL_NAMES + PUBLIC_NAMES)
def test_only_loopback_is_allowed_on_loopback(value):
    for interface in ("127.0.0.1", "localhost", "::1", "127.0.0.53"):
        assert not allows(AllowedHosts(interface=interface), value)


@pytest.mark.parametrize("interface", ["::", "10.0.0.1", "box.example.org"])
def test_what_no_website_can_be_is_allowed_on_other_interfaces(interface):
    hosts = AllowedHosts(interface=interface)
    assert [value for value in OTHER_ADDRESSES + LOCAL_NAMES if not allows(hosts, value)] == []
    assert [value for value in PUBLIC_NAMES if allows(hosts, value)] == []


def test_the_names_of_the_interface_and_the_machine_are_allowed(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "PC.example.net")
    hosts = AllowedHosts(interface="Box.example.org")
    assert allows(hosts, "box.example.org:8887")
    assert allows(hosts, "pc.example.net.")
    assert not allows(hosts, "other.example.net")


@pytest.mark.parametrize("value", INVALID)
def test_values_that_are_not_a_host(value):
    assert parse_host(value) is None


@pytest.mark.parametrize(
    ("target", "host"),
    [
        (b"http://attacker.example/x", b"attacker.example"),
        (b"https://a.example:8887", b"a.example:8887"),
        (b"http://user@[::1]:80/", b"[::1]:80"),
        (b"*", None),
    ],
)
def test_the_host_of_a_url_takes_precedence(target, host):
    headers = [(b"host", b"localhost"), (b"accept", b"a"), (b"host", b"b")]
    expected = headers if host is None else [(b"host", host), (b"accept", b"a")]
    assert with_host_of_target(headers, target) == expected


@pytest.mark.parametrize(
    ("pattern", "allowed", "refused"),
    [
        ("mood.example.org", "MOOD.example.org:443", "x.mood.example.org"),
        ("Mood.Example.Org.", "mood.example.org", "example.org"),
        ("*.example.org", "a.b.example.org", "example.org"),
        (".example.org", "example.org", "badexample.org"),
        (".example.org", "a.example.org", "example.org.attacker.example"),
        ("*", "attacker.example", "user@attacker.example"),
        ("10.0.0.5", "10.0.0.5:8887", "10.0.0.6"),
        ("[2001:DB8::1]", "[2001:db8:0::1]:80", "[2001:db8::2]"),
        ("2001:db8::1", "[2001:db8::1]", "[2001:db8::2]"),
        ("bücher.example", "xn--bcher-kva.example", "bucher.example"),
        ("mood", "mood:8887", "mood.example.org"),
    ],
)
def test_patterns(pattern, allowed, refused):
    hosts = AllowedHosts([pattern])
    assert allows(hosts, allowed)
    assert not allows(hosts, refused)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "*.",
        ".",
        "**",
        "*a.example",
        "a.*",
        "https://a.example",
        "a.example:80",
        "a.example/x",
        "a b",
        "a,b",
        "[::1",
        "ü" * 70,
    ],
)
def test_invalid_patterns_are_refused(pattern):
    with pytest.raises(InputError, match="--allowed-hosts: .* is not a host"):
        AllowedHosts([pattern])


@given(st.ip_addresses())
def test_addresses_are_recognised_in_every_notation(address):
    texts = {str(address), address.exploded, address.exploded.upper()}
    for text in texts:
        value = f"[{text}]:8887" if address.version == 6 else f"{text}:8887"
        assert parse_host(value) == str(address)
    mapped = getattr(address, "ipv4_mapped", None)
    assert is_loopback(str(address)) == (mapped or address).is_loopback
    assert AllowedHosts(interface="::").allows(str(address))


@given(st.text(max_size=30) | st.text("localhost.:[]127", max_size=15))
def test_any_text_is_either_a_host_or_not(text):
    host = parse_host(text)
    if host is not None:
        value = f"[{host}]" if ":" in host else host
        assert parse_host(value) == host
        ipaddress.ip_address(host) if ":" in host else None
