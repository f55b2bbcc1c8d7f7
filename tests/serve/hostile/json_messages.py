"""Requests whose JSON is malformed or excessive, or has URLs of internal addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.serve.hostile.building import (
    CLASSIFY,
    CLIENT_ERRORS,
    DIGITS,
    INFER,
    MOODS,
    OK,
    PIXEL,
    SURROGATE,
    HostileRequest,
    post_json,
)


def all_json_messages(internal_port: int) -> Iterator[HostileRequest]:
    """Yield the requests of all kinds in this module."""
    yield from json_texts()
    yield from pictures_in_json()
    yield from urls(internal_port)


def json_texts() -> Iterator[HostileRequest]:
    """Yield JSON that is malformed, deep or ambiguous, for the three routes that read it."""
    texts = {
        "empty": b"",
        "NUL": b"\0",
        "BOM": b'\xef\xbb\xbf{"a":1}',
        "UTF-16": '{"a":1}'.encode("utf-16"),
        "invalid UTF-8": b'{"\xff":1}',
        "incomplete": b'{"images": [',
        "trailing text": b"{} x",
        "scalar": b"7",
        "NaN": b"NaN",
        "5,000 digits": DIGITS,
        "5,000 digits in an object": b'{"images": %s, "inputs": %s, "ImageTags": %s}' % (DIGITS, DIGITS, DIGITS),
        "1e999999": b"1e999999",
        "100,000 brackets": b"[" * 100_000,
        "100,000 braces": b'{"a":' * 100_000,
        "deep and complete": b"[" * 50_000 + b"]" * 50_000,
        "surrogate as key": b'{"\\ud800": 1}',
        "lone surrogate": SURROGATE,
        "repeated keys": b'{"images": 1, "images": 2, "inputs": 1, "ImageTags": 1}',
    }
    for name, text in texts.items():
        for route in (MOODS, CLASSIFY, INFER):
            yield HostileRequest("JSON", f"{name} to {route.decode()}", post_json(route, text))


def pictures_in_json() -> Iterator[HostileRequest]:
    """Yield pictures in JSON with invalid fields."""
    values: dict[str, Any] = {
        "no object": [7],
        "500,000 numbers": [0] * 500_000,
        "empty objects": [{}] * 1000,
        "null": None,
        "text": "x",
        "both": [{"base64": PIXEL, "url": "data:,x"}],
        "not base64": [{"base64": "%%%"}],
        "padding": [{"base64": "====" * 1000}],
        "text outside ASCII": [{"base64": "ü" * 100}],
        "name of 10 kB": [{"name": "a" * 10_000, "base64": PIXEL}],
        "further field": [{"base64": PIXEL, "size": 1}],
        "40 pictures": [{"base64": PIXEL}] * 40,
        "number as base64": [{"base64": 7}],
    }
    for name, value in values.items():
        yield HostileRequest("pictures in JSON", name, post_json(MOODS, {"images": value}))
    odd_name = b'{"images": [{"name": %s, "base64": "%s"}]}' % (SURROGATE, PIXEL.encode())
    yield HostileRequest("pictures in JSON", "surrogate as name", post_json(MOODS, odd_name), OK | CLIENT_ERRORS)
    odd_names = odd_name.replace(b"}]", b'}, {"name": %s, "base64": "eA=="}]' % SURROGATE)
    yield HostileRequest(
        "pictures in JSON", "surrogates as names", post_json(MOODS, odd_names), OK | CLIENT_ERRORS
    )
    in_error = b'{"images": [{"base64": "\\ud800"}]}'
    yield HostileRequest("pictures in JSON", "surrogate as base64", post_json(MOODS, in_error))


def urls(internal_port: int) -> Iterator[HostileRequest]:
    """Yield URLs that lead to addresses that are not public, or nowhere, for a service with --allow-urls."""
    hosts = (
        *(
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0",
            "localhost",
            "127.0.0.1.",
            "①②⑦.0.0.1",
        ),
        *(
            "127。0。0。1",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
        ),
        *(
            "[2002:7f00:1::]",
            "[fe80::1%25eth0]",
            "[fec0::1]",
            "[ff02::1]",
            "169.254.169.254",
            "192.0.0.192",
            "10.0.0.1",
        ),
        *(
            "100.100.100.200",
            "198.51.100.1",
            "224.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "ⓛocalhost",
            "a" * 300,
        ),
        *("[::1", "]", "%6cocalhost", "local\0host", "xn--", "xn--\udfff", "user:pass@127.0.0.1", "a..b"),
    )
    for host in hosts:
        url = f"http://{host}:{internal_port}/latest/meta-data/"
        yield HostileRequest(
            "URL", ascii(host[:25]), post_json(MOODS, {"images": [{"url": url}]}), CLIENT_ERRORS | {502}
        )
    schemes = (
        "file:///etc/passwd",
        "gopher://127.0.0.1:1/_x",
        "ftp://127.0.0.1/",
        "data:,",
        "data:image/png;base64,%",
    )
    for url in (
        *schemes,
        "http:///",
        "http://",
        "//127.0.0.1/",
        "",
        "\0",
        "http://127.0.0.1:99999/",
        "x" * 100_000,
    ):
        yield HostileRequest(
            "URL", ascii(url[:25]), post_json(MOODS, {"images": [{"url": url}]}), CLIENT_ERRORS | {502}
        )
    for name, url in (
        ("invalid", "http://[::1"),
        ("long", "http://a/" + "x" * 5000),
        ("private", "http://10.0.0.1/"),
    ):
        images = [{"url": url}, {"base64": PIXEL}]
        yield HostileRequest("URL", f"{name} beside a picture", post_json(MOODS, {"images": images}), OK)
