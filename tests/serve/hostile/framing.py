"""Requests whose length is ambiguous, invalid or excessive."""

from __future__ import annotations

from collections.abc import Iterator

from tests.serve.hostile.building import (
    CLIENT_ERRORS,
    DIGITS,
    HOST,
    INFER,
    MOODS,
    OK,
    HostileRequest,
    get,
    head,
    post,
    post_chunks,
)


def all_framing() -> Iterator[HostileRequest]:
    """Yield the requests of all kinds in this module."""
    yield from lengths()
    yield from chunks()


def lengths() -> Iterator[HostileRequest]:
    """Yield requests with invalid or ambiguous lengths of the body."""
    values = (
        DIGITS,
        b"-1",
        b"+1",
        b"1.0",
        b"1e1",
        b"0x1",
        b"1_0",
        b"\xd9\xa1",
        b"\xb2",
        b"",
        b"1 1",
        b"1, 1",
        b"1,2",
        b"x",
    )
    for value in values:
        for route in (MOODS, INFER) if value == DIGITS else (MOODS,):
            data = head(b"POST %s HTTP/1.1" % route, (HOST, (b"Content-Length", value))) + b"x"
            yield HostileRequest("length", f"{value[:8]!r} to {route.decode()}", data)
    length = (b"Content-Length", b"1")
    yield HostileRequest("length", "two different", post(MOODS, b"xx", length))
    yield HostileRequest("length", "two equal", post(MOODS, b"x", length))
    yield HostileRequest("length", "and chunks", post_chunks(MOODS, b"1\r\nx\r\n0\r\n\r\n", length))
    yield HostileRequest(
        "length", "2**64", get(MOODS, (b"Content-Length", b"18446744073709551616"), method=b"POST")
    )
    yield HostileRequest(
        "length", "exabytes", get(MOODS, (b"Content-Length", b"9" * 18), method=b"POST"), frozenset((413,))
    )
    announced = get(MOODS, (b"Content-Length", b"100"), method=b"POST")
    yield HostileRequest("length", "body that never comes", announced, frozenset((408,)))
    yield HostileRequest("length", "of GET", get(b"/healthz", (b"Content-Length", b"5")) + b"hello", OK)


def chunks() -> Iterator[HostileRequest]:
    """Yield requests with invalid chunks and transfer encodings."""
    end = b"0\r\n\r\n"
    bodies = {
        "no size": b"\r\nx\r\n" + end,
        "no number": b"zz\r\nx\r\n" + end,
        "negative": b"-1\r\nx\r\n" + end,
        "prefix": b"0x1\r\nx\r\n" + end,
        "overflow": b"1" + b"0" * 16 + b"\r\nx\r\n" + end,
        "5,000 digits": DIGITS + b"\r\nx\r\n" + end,
        "wrong size": b"1\r\nxx\r\n" + end,
        "extension of 100 kB": b"1;" + b"a" * 100_000 + b"\r\nx\r\n" + end,
        "NUL in extension": b"1;\0\r\nx\r\n" + end,
        "trailers": b"1\r\nx\r\n0\r\n" + b"X-A: b\r\n" * 20 + b"\r\n",
        "invalid trailer": b"1\r\nx\r\n0\r\nno colon\r\n\r\n",
        "100 kB of trailers": b"1\r\nx\r\n0\r\n" + b"X-Trailer: b\r\n" * 8000 + b"\r\n",
        "10,000 chunks": b"1\r\nx\r\n" * 10_000 + end,
    }
    for name, body in bodies.items():
        yield HostileRequest("chunks", name, post_chunks(MOODS, body))
    for value in (
        b"gzip",
        b"identity",
        b"gzip, chunked",
        b"chunked, gzip",
        b"xchunked",
        b"chunked, chunked",
        b"\xff",
        b"",
    ):
        data = head(b"POST /v1/moods HTTP/1.1", (HOST, (b"Transfer-Encoding", value))) + b"1\r\nx\r\n" + end
        yield HostileRequest("chunks", f"encoding {value!r}", data, CLIENT_ERRORS | {501})
    never = post_chunks(MOODS, b"5\r\nx")
    yield HostileRequest("chunks", "chunk that never ends", never, frozenset((408,)))
