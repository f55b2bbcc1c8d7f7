"""Requests with unusual request lines, and the first bytes of other protocols."""

from __future__ import annotations

from collections.abc import Iterator

from tests.serve.hostile.building import CLIENT_ERRORS, DIGITS, MOODS, OK, HostileRequest, get, post


def all_request_lines() -> Iterator[HostileRequest]:
    """Yield the requests of all kinds in this module."""
    yield from targets()
    yield from request_lines()
    yield from other_protocols()


def targets() -> Iterator[HostileRequest]:
    """Yield requests for unusual paths and queries."""
    paths = {
        "NUL": b"/healthz%00",
        "invalid UTF-8": b"/%ff%fe",
        "overlong UTF-8": b"/%c0%af%c0%ae",
        "surrogate": b"/%ed%a0%80",
        "line break": b"/healthz%0d%0aX: y",
        "incomplete escape": b"/healthz%",
        "invalid escape": b"/healthz%zz",
        "double escape": b"/%2568ealthz",
        "parent folders": b"/../../../etc/passwd",
        "encoded parent folders": b"/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "two slashes": b"//healthz",
        "backslash": b"/..\\..\\windows",
        "parameters": b"/healthz;x=1",
        "model with slash": b"/v2/models/mood%2f..%2ftag",
        "model with invalid UTF-8": b"/v2/models/%ff/ready",
        "model of 20 kB": b"/v2/models/" + b"a" * 20_000,
        "version of 5,000 digits": b"/v2/models/mood/versions/" + DIGITS,
        "sample outside": b"/v1/samples/..%2f..%2fapp.py",
        "sample with NUL": b"/v1/samples/cat.jpg%00.png/thumbnail",
        "file outside the page of the API": b"/docs/../app.py",
        "file of the package": b"/static/app.py",
        "sibling of the page": b"/assets/../index.html",
    }
    for name, path in paths.items():
        yield HostileRequest("target", name, get(path))
    yield HostileRequest("target", "raw bytes", get(b"/\xff\xfe"))
    yield HostileRequest("target", "raw UTF-8", get("/ü".encode()))
    yield HostileRequest("target", "raw NUL", get(b"/health\0z"))
    yield HostileRequest("target", "space", get(b"/health z"))
    yield HostileRequest("target", "asterisk", get(b"*", method=b"OPTIONS"))
    yield HostileRequest("target", "without slash", get(b"healthz"))
    yield HostileRequest("target", "empty", get(b""))
    yield HostileRequest("target", "100 kB", get(b"/" + b"a" * 100_000))
    yield HostileRequest("target", "URL of the service", get(b"http://localhost/healthz"), OK)
    yield HostileRequest("target", "URL of another host", get(b"http://attacker.example/healthz"))
    yield HostileRequest("target", "invalid URL", get(b"http://[::1/healthz"))
    yield HostileRequest("target", "query of raw bytes", get(b"/healthz?\xff"), frozenset((400, 422)))
    yield HostileRequest("target", "odd query", get(b"/healthz?&&=&%&%00=%ff&top=" + DIGITS), frozenset((422,)))


def request_lines() -> Iterator[HostileRequest]:
    """Yield requests with unusual methods and versions."""
    for method in (b"BREW", b"get", b"TRACE", b"PROPFIND", b"G\0T", b"", b"POST" * 500):
        yield HostileRequest("request line", f"method {method[:8]!r}", get(b"/healthz", method=method))
    yield HostileRequest("request line", "CONNECT", get(b"localhost:22", method=b"CONNECT"))
    yield HostileRequest("request line", "HEAD", get(b"/healthz", method=b"HEAD"), OK, is_head=True)
    for version in (b"0.9", b"1.2", b"2.0", b"9.9", b"1", b"1.1 x", b"\xff"):
        yield HostileRequest(
            "request line", f"version {version!r}", get(b"/healthz", version=version), OK | CLIENT_ERRORS
        )
    yield HostileRequest("request line", "version 1.0", get(b"/healthz", version=b"1.0"), OK)
    yield HostileRequest("request line", "HTTP/0.9", b"GET /healthz\r\n\r\n")
    yield HostileRequest("request line", "line feeds only", get(b"/healthz").replace(b"\r", b""), OK | {400})


def other_protocols() -> Iterator[HostileRequest]:
    """Yield the first bytes of other protocols."""
    samples = {
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
        "SSH": b"SSH-2.0-OpenSSH_9.9\r\n",
        "SOCKS": b"\x05\x01\x00",
        "SMTP": b"EHLO attacker.example\r\n",
        "PROXY": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + get(b"/healthz"),
        "a response": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "random bytes": bytes(range(256)),
    }
    for name, data in samples.items():
        yield HostileRequest("other protocol", name, data + b"\r\n\r\n")
    upgrade = (b"Connection", b"Upgrade")
    key = (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ==")
    web_socket = get(b"/v1/moods", upgrade, (b"Upgrade", b"websocket"), (b"Sec-WebSocket-Version", b"13"), key)
    yield HostileRequest("other protocol", "WebSocket", web_socket)
    h2c = ((b"Upgrade", b"h2c"), (b"HTTP2-Settings", b"AAMAAABkAAQAAP__"))
    yield HostileRequest("other protocol", "HTTP/2 upgrade", get(b"/healthz", upgrade, *h2c), OK)
    yield HostileRequest("other protocol", "upgrade with a body", post(MOODS, b"x", upgrade, *h2c))
