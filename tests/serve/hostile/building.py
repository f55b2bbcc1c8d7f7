"""Builds requests byte by byte, since client libraries refuse to send most of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

HOST = (b"Host", b"localhost")
JSON = (b"Content-Type", b"application/json")
PROTOBUF = (b"Content-Type", b"application/vnd.google.protobuf")
DIGITS = b"9" * 5000
MOODS, CLASSIFY, INFER = b"/v1/moods", b"/model/methods/classify", b"/v2/models/mood/infer"
OK = frozenset((200,))
CLIENT_ERRORS = frozenset(
    (400, 401, 403, 404, 405, 406, 408, 411, 413, 414, 415, 416, 417, 421, 422, 426, 429, 431)
)

PIXEL = base64.b64encode(
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
).decode()
SURROGATE = b'"\\ud800"'

Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class HostileRequest:
    """A request, and the statuses with which the service may answer it.

    Attributes
    ----------
    data : bytes
        All bytes that the client sends.
    expected : frozenset of int
        Allowed statuses; 0 means that the connection may be closed without a response.
    is_head : bool
        Whether the response has no body.
    """

    kind: str
    name: str
    data: bytes
    expected: frozenset[int] = CLIENT_ERRORS
    is_head: bool = False

    @property
    def method(self) -> str:
        return "HEAD" if self.is_head else "GET"


def head(line: bytes, headers: Iterable[Header]) -> bytes:
    """Return a request line, headers and an empty line."""
    return b"\r\n".join((line, *(name + b": " + value for name, value in headers), b"", b""))


def get(
    target: bytes, *headers: Header, host: Header = HOST, method: bytes = b"GET", version: bytes = b"1.1"
) -> bytes:
    """Return a request without a body."""
    return head(b"%s %s HTTP/%s" % (method, target, version), (host, *headers))


def post(target: bytes, body: bytes = b"", *headers: Header, host: Header = HOST) -> bytes:
    """Return a request with a body and its length."""
    length = (b"Content-Length", str(len(body)).encode())
    return head(b"POST %s HTTP/1.1" % target, (host, *headers, length)) + body


def post_json(target: bytes, value: Any, *headers: Header) -> bytes:
    """Return a request with JSON, or with bytes in place of it."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return post(target, body, JSON, *headers)


def post_chunks(target: bytes, chunks: bytes, *headers: Header) -> bytes:
    """Return a request with a chunked body, whose framing is given, too."""
    return head(b"POST %s HTTP/1.1" % target, (HOST, (b"Transfer-Encoding", b"chunked"), *headers)) + chunks


def post_form(parts: bytes, boundary: bytes = b"x", parameters: bytes = b"") -> bytes:
    """Return a request with a form, whose parts are given with their boundaries."""
    content_type = b"multipart/form-data; boundary=%s%s" % (boundary, parameters)
    return post(b"/v1/moods", parts, (b"Content-Type", content_type))


def form_part(disposition: bytes, content: bytes = b"x", *headers: bytes) -> bytes:
    """Return a part of a form between boundaries."""
    lines = (b"--x", b"Content-Disposition: " + disposition, *headers, b"", content, b"--x--", b"")
    return b"\r\n".join(lines)
