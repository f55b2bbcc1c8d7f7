from __future__ import annotations

import asyncio

import pytest

from imagemood.errors import InputError
from imagemood.serve.asgi.forwarded import (
    FORWARDED_HOSTS,
    PREFIX,
    ForwardedRequests,
    parse_addresses,
    parse_prefix,
)

OWN_PATHS = ("/", "/v1/labels", "/api/v1/vision/labels", "/classify")


def call(path="/v1/labels", *headers, method="GET", root_path="", allowed=("10.0.0.0/8",), client="10.0.0.1"):
    """Return the ASGI scope that the application receives, or the status and location of another response."""
    received, sent = [], []

    async def app(scope, receive, send):
        received.append(scope)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers, "client": (client, 1)}
    asyncio.run(ForwardedRequests(app, allowed, root_path, OWN_PATHS)({**scope, "scheme": "http"}, None, send))
    if received:
        return received[0]
    return sent[0]["status"], dict(sent[0]["headers"]).get(b"location")


@pytest.mark.parametrize("path", ["/v1/labels", "/moods/v1/labels"])
def test_the_prefix_may_be_removed_by_the_proxy_or_not(path):
    scope = call(path, root_path="/moods")
    assert (scope["path"], scope[PREFIX]) == ("/v1/labels", "/moods")


def test_only_whole_segments_are_the_prefix():
    assert call("/moodswings", root_path="/moods")["path"] == "/moodswings"
    assert call("/moods/", root_path="/moods")["path"] == "/"


def test_the_prefix_alone_is_redirected_to_the_page_but_not_for_other_methods():
    assert call("/moods", root_path="/moods") == (308, b"/moods/")
    assert call("/moods", root_path="/moods", method="HEAD") == (308, b"/moods/")
    assert call("/moods", root_path="/moods", method="POST")["path"] == "/moods"


@pytest.mark.parametrize("prefix", ["/api", "/api/v1", "/classify", "/v1"])
def test_a_prefix_that_is_the_start_of_a_route_has_been_removed_by_the_proxy(prefix):
    for path in OWN_PATHS:
        scope = call(path, root_path=prefix)
        assert (scope["path"], scope[PREFIX]) == (path, prefix)


def test_the_prefix_of_a_server_is_used_too():
    scopes = []

    async def app(scope, receive, send):
        scopes.append(scope)

    scope = {"type": "http", "method": "GET", "path": "/ray/v1/labels", "root_path": "/ray", "headers": []}
    asyncio.run(ForwardedRequests(app, (), "", OWN_PATHS)(scope, None, None))
    assert (scopes[0]["path"], scopes[0]["root_path"], scopes[0][PREFIX]) == ("/v1/labels", "", "/ray")


def test_headers_are_used_only_if_the_client_may_send_them():
    headers = (
        (b"x-forwarded-for", b"1.2.3.4, 192.0.2.7"),
        (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-host", b"mood.example.org"),
        (b"x-forwarded-prefix", b"/moods/"),
    )
    trusted = call("/v1/labels", *headers)
    assert (trusted["client"][0], trusted["scheme"]) == ("192.0.2.7", "https")
    assert (trusted[PREFIX], trusted[FORWARDED_HOSTS]) == ("/moods", [b"mood.example.org"])
    for ignoring in (
        call("/v1/labels", *headers, client="192.0.2.1"),
        call("/v1/labels", *headers, client=""),
        call("/v1/labels", *headers, allowed=()),
    ):
        assert ignoring["scheme"] == "http"
        assert ignoring["client"][0] in ("192.0.2.1", "", "10.0.0.1")
        assert PREFIX not in ignoring
        assert FORWARDED_HOSTS not in ignoring
    assert call("/v1/labels", *headers, allowed=("*",), client="203.0.113.5")["client"][0] == "1.2.3.4"


def test_the_prefixes_of_several_proxies_are_joined_and_replace_the_configured_one():
    scope = call("/v1/labels", (b"x-forwarded-prefix", b"/a, /b/"), root_path="/moods")
    assert scope[PREFIX] == "/a/b"
    assert call("/v1/labels", (b"x-forwarded-prefix", b""), root_path="/moods")[PREFIX] == "/moods"


@pytest.mark.parametrize("value", [b"//evil.example", b"/a/../b", b"/a b", b"/\xff", b'/a"<', b"/" + b"a" * 1000])
def test_invalid_prefixes_are_refused(value):
    found = call("/v1/labels", (b"x-forwarded-prefix", value))
    # Slashes at the start are one slash: the prefix cannot become the host of a URL.
    assert found == (400, None) or found[PREFIX] == "/evil.example"


@pytest.mark.parametrize(
    ("text", "expected"), [("", ""), ("/", ""), ("moods", "/moods"), ("/a/b-c/", "/a/b-c"), (" /a ", "/a")]
)
def test_prefixes(text, expected):
    assert parse_prefix(text) == expected


@pytest.mark.parametrize("text", ["https://example.org/moods", "/a//b", "/a?b", "/..", "/./a", "/a/%2e%2e", "/ü"])
def test_other_texts_are_no_prefix(text):
    with pytest.raises(InputError, match="is not the path of a URL"):
        parse_prefix(text)


def test_addresses_may_be_lists():
    assert parse_addresses(["127.0.0.1, ::1", "10.0.0.0/8"]) == ("127.0.0.1", "::1", "10.0.0.0/8")
    assert parse_addresses(["127.0.0.1,*"]) == ("*",)
    assert parse_addresses([]) == ()


@pytest.mark.parametrize("text", ["localhost", "10.0.0.1/8", "10.0.0", "unix:", "1.2.3.4:80"])
def test_other_texts_are_no_addresses(text):
    with pytest.raises(InputError, match="--forwarded-allow-ips: .* is not an IP address or network"):
        parse_addresses([text])
