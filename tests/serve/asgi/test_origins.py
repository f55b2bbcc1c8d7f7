from __future__ import annotations

import pytest

from imagemood.errors import InputError
from imagemood.serve.asgi.origins import is_allowed, parse_origins

HOST = "127.0.0.1:8887"
OWN, OTHER = f"http://{HOST}", "https://attacker.example"
REFUSED = (
    ("cross-site", OTHER),
    ("cross-site", None),
    ("cross-site", "null"),
    ("cross-site", OWN),
    ("same-site", "http://127.0.0.1:3000"),
    ("same-site", None),
    ("CROSS-SITE", OTHER),
    ("unknown", None),
    ("", OTHER),
    (None, OTHER),
    (None, "null"),
    (None, ""),
    (None, "http://127.0.0.1"),
    (None, "http://127.0.0.1:8888"),
    (None, "http://localhost:8887"),
    (None, f"{OWN}.attacker.example"),
    (None, f"https://attacker.example/{HOST}"),
    (None, "file://"),
)
ALLOWED = (
    (None, None),
    (None, OWN),
    (None, f"https://{HOST}"),
    ("same-origin", OWN),
    ("same-origin", "null"),
    ("same-origin", None),
    ("none", None),
)


@pytest.mark.parametrize(("site", "origin"), REFUSED)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "post", "GET ", "BREW"])
def test_other_sites_may_not_write(method, site, origin):
    assert not is_allowed(method, HOST, site, origin, ())


@pytest.mark.parametrize(("site", "origin"), REFUSED + ALLOWED)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_always_allowed(method, site, origin):
    assert is_allowed(method, HOST, site, origin, ())


@pytest.mark.parametrize(("site", "origin"), ALLOWED)
def test_programs_and_the_page_of_the_service_may_write(site, origin):
    assert is_allowed("POST", HOST, site, origin, ())


@pytest.mark.parametrize(("site", "origin"), [entry for entry in REFUSED if entry[1]])
def test_origins_may_be_allowed(site, origin):
    assert is_allowed("POST", HOST, site, origin, ("*",))
    assert is_allowed("POST", HOST, site, origin, (origin.lower(), "https://x.example"))
    assert not is_allowed("POST", HOST, site, origin, ("https://x.example",))


def test_without_a_host_the_origin_cannot_be_that_of_the_service():
    assert not is_allowed("POST", None, None, "http://", ())


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("*", "*"),
        ("null", "null"),
        ("https://Example.org/", "https://example.org"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://example.org:443", "https://example.org"),
        ("http://example.org:80", "http://example.org"),
        ("https://example.org:80", "https://example.org:80"),
        ("chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"),
    ],
)
def test_origins_of_the_command_line(text, origin):
    assert parse_origins([text]) == (origin,)


@pytest.mark.parametrize(
    "text",
    ["", "example.org", "https://", "https://a.example/x", "https://a.example?x", "https://a b", "//a", "Null,*"],
)
def test_invalid_origins_are_refused(text):
    with pytest.raises(InputError, match="--cors: .* is not an origin"):
        parse_origins([text])
