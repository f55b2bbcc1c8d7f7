"""Requests whose headers are malformed, ambiguous or forged."""

from __future__ import annotations

from collections.abc import Iterator

from tests.serve.hostile.building import (
    CLASSIFY,
    DIGITS,
    INFER,
    JSON,
    MOODS,
    OK,
    PROTOBUF,
    HostileRequest,
    get,
    head,
    post,
)

ROUTES = (MOODS, CLASSIFY, b"/classify", b"/model/methods/tag", INFER)


def all_headers() -> Iterator[HostileRequest]:
    """Yield the requests of all kinds in this module."""
    yield from hosts()
    yield from pages_of_other_sites()
    yield from header_syntax()
    yield from header_values()


def hosts() -> Iterator[HostileRequest]:
    """Yield requests to other hosts, and with hosts that are not valid."""
    others = (
        *(
            b"attacker.example",
            b"localhost.attacker.example",
            b"127.0.0.1.nip.io",
            b"10.0.0.1",
            b"0.0.0.0",
            b"intranet",
        ),
        *(b"[::ffff:10.0.0.1]", b"[fe80::1]", b"169.254.169.254:80"),
    )
    for host in others:
        yield HostileRequest("host", host.decode(), get(b"/healthz", host=(b"Host", host)), frozenset((421,)))
    invalid = (
        b"",
        b"localhost:x",
        b"localhost:99999",
        b"a@localhost",
        b"localhost/",
        b"[::1",
        b"[fe80::1%25lo]",
        b"\xff",
    )
    for host in (*invalid, b"localhost, attacker.example", b"a" * 20_000):
        data = get(b"/healthz", host=(b"Host", host))
        yield HostileRequest("host", f"invalid: {host[:20]!r}", data, frozenset((400,)))
    yield HostileRequest("host", "missing", head(b"GET /healthz HTTP/1.1", ()), frozenset((400,)))
    yield HostileRequest("host", "missing in HTTP/1.0", head(b"GET /healthz HTTP/1.0", ()), OK)
    for second in (b"localhost", b"attacker.example"):
        yield HostileRequest(
            "host", f"repeated: {second.decode()}", get(b"/healthz", (b"Host", second)), frozenset((400,))
        )
    for host in (b"LOCALHOST:1", b"localhost.", b"[::1]:80", b"127.9.9.9"):
        yield HostileRequest("host", f"valid: {host.decode()}", get(b"/healthz", host=(b"Host", host)), OK)


def pages_of_other_sites() -> Iterator[HostileRequest]:
    """Yield requests as browsers send them for pages of other sites."""
    origin, site = (b"Origin", b"https://attacker.example"), (b"Sec-Fetch-Site", b"cross-site")
    sources = {
        "other site": (origin, site),
        "other site, older browser": (origin,),
        "other port": ((b"Origin", b"http://localhost:3000"), (b"Sec-Fetch-Site", b"same-site")),
        "file": ((b"Origin", b"null"), site),
        "without origin": (site,),
        "unknown site": ((b"Sec-Fetch-Site", b"somewhere"),),
        "similar origin": ((b"Origin", b"http://localhost.attacker.example"),),
        "two origins": (origin, (b"Origin", b"http://localhost")),
        "long origin": ((b"Origin", b"https://" + b"a" * 10_000),),
        "binary origin": ((b"Origin", b"\xff\x80"),),
    }
    for name, headers in sources.items():
        data = post(MOODS, b"x", (b"Content-Type", b"text/plain"), *headers)
        yield HostileRequest("page of another site", name, data, frozenset((400, 403)))
    for route in ROUTES:
        data = post(route, b"x=y", (b"Content-Type", b"application/x-www-form-urlencoded"), origin, site)
        yield HostileRequest("page of another site", f"form to {route.decode()}", data, frozenset((403,)))
    preflight = get(MOODS, origin, (b"Access-Control-Request-Method", b"POST"), method=b"OPTIONS")
    yield HostileRequest("page of another site", "preflight", preflight)
    yield HostileRequest("page of another site", "reads", get(b"/healthz", origin, site), OK)


def header_syntax() -> Iterator[HostileRequest]:
    """Yield requests with headers that are not valid, or too many."""
    lines = {
        "no colon": b"no colon",
        "no name": b": x",
        "space before the colon": b"Accept : x",
        "continued line": b"X-A: b\r\n c",
        "NUL in a name": b"X\0A: b",
        "NUL in a value": b"X-A: b\0c",
        "line feed in a value": b"X-A: b\nHost: attacker.example",
        "carriage return in a value": b"X-A: b\rc",
        "name of raw bytes": b"\xff: b",
        "parentheses": b"(X): b",
    }
    for name, line in lines.items():
        data = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\n\r\n"
        yield HostileRequest("header", name, data)
    yield HostileRequest("header", "300 headers", get(b"/healthz", *[(b"X-%d" % i, b"a") for i in range(300)]))
    yield HostileRequest("header", "value of 100 kB", get(b"/healthz", (b"X-A", b"a" * 100_000)))
    yield HostileRequest("header", "name of 100 kB", get(b"/healthz", (b"a" * 100_000, b"a")))
    yield HostileRequest(
        "header", "raw bytes", get(b"/healthz", (b"X-A", b"\xff\x80"), (b"User-Agent", b"\xff")), OK
    )
    yield HostileRequest("header", "odd request ID", get(b"/healthz", (b"X-Request-ID", b'\xff"}{\x80')), OK)


def header_values() -> Iterator[HostileRequest]:
    """Yield requests with headers that the routes interpret."""
    types = (
        *(
            b"text/html",
            b"image",
            b";",
            b"/",
            b"\xff",
            b"application/xml",
            b"application/json;charset=undefined\xff",
        ),
        *(
            b"multipart/form-data",
            b"multipart/form-data; boundary=",
            b"multipart/form-data; boundary=" + b"a" * 9000,
        ),
        *(b"multipart/form-data; boundary=\xff", b"multipart/mixed; boundary=x", b"a" * 20_000),
    )
    for value in types:
        for route in (MOODS, CLASSIFY):
            data = post(route, b"x", (b"Content-Type", value))
            yield HostileRequest("content type", f"{value[:40]!r} to {route.decode()}", data)
    for value in (b"gzip", b"zstd", b"deflate", b"br", b"deflate, gzip", b"unknown", b"\xff", b"gzip" * 2000):
        status = 422 if value in (b"gzip", b"zstd", b"deflate") else 415  # the body is not complete
        for route in (MOODS, INFER):
            data = post(route, b"\x1f\x8b\x08\0", (b"Content-Encoding", value))
            yield HostileRequest(
                "content encoding", f"{value[:12]!r} to {route.decode()}", data, frozenset((status,))
            )
    for value in (b"text/html", b"application/json;q=0", b"\xff", b";", b"a/b," * 2000, b"image/*"):
        data = post(CLASSIFY, b"{}", JSON, (b"Accept", value))
        yield HostileRequest("accept", f"{value[:12]!r}", data, OK | {406})
    values = (
        DIGITS,
        b"-1",
        b"1.5",
        b"1e3",
        b"0x1",
        b"+2",
        b"1_0",
        b"\xd9\xa3",
        b"\xb2",
        b"",
        b"x",
        b"99",
        b"1" * 18,
    )
    for value in values:
        data = post(INFER, b"{}", (b"Inference-Header-Content-Length", value))
        yield HostileRequest("inference header", f"{value[:8]!r}", data, frozenset((400,)))
    length = (b"Inference-Header-Content-Length", b"2")
    yield HostileRequest("inference header", "repeated", post(INFER, b"{}", length, length), frozenset((400,)))
    yield HostileRequest("inference header", "0", post(INFER, b"{}", (length[0], b"0")))
    for value in (b"bytes=0-", b"bytes=-1", b"bytes=" + DIGITS + b"-", b"pages=\xff", b"bytes=0-0,1-1," * 2000):
        yield HostileRequest(
            "range", f"{value[:12]!r}", get(b"/v1/labels", (b"Range", value)), OK | {206, 416, 431}
        )
    for value in (b"100-continue", b"200-ok", b"\xff", b"100-continue, 100-continue"):
        data = post(CLASSIFY, b"", PROTOBUF, (b"Expect", value))
        yield HostileRequest("expect", f"{value[:20]!r}", data, OK | {417})
    tokens = {"authorization": b"Bearer \xff", "via": b"\xff imagemood", "if-none-match": b'"' * 9000}
    for name, value in tokens.items():
        yield HostileRequest("header", name, get(b"/", (name.encode(), value)), OK)
    yield HostileRequest("header", "accept-encoding", get(b"/", (b"Accept-Encoding", b"gzip;q=0, \xff, *")), OK)
