"""Requests and connections whose number or size is excessive."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from tests.corpus.hostile_pictures import crafted
from tests.serve.hostile.building import (
    CLASSIFY,
    CLIENT_ERRORS,
    HOST,
    INFER,
    JSON,
    MOODS,
    PIXEL,
    PROTOBUF,
    HostileRequest,
    get,
    head,
    post,
    post_chunks,
    post_json,
)

OVERLOADED = CLIENT_ERRORS | {503}
OCTETS = (b"Content-Type", b"application/octet-stream")
FORM = (b"Content-Type", b"multipart/form-data; boundary=x")
FILE = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n\r\n'
N_IDLE, N_HALF_OPEN = 100, 500


def all_floods() -> Iterator[HostileRequest]:
    """Yield requests that need much memory or time if they are not limited."""
    size = 19_900_000
    bodies = {
        "2 MB of numbers": (MOODS, JSON, b'{"images": [%s0]}' % (b"0," * 1_000_000)),
        "20 MB of numbers": (MOODS, JSON, b'{"images": [%s0]}' % (b"0," * (size // 2))),
        "20 MB of pictures": (MOODS, JSON, b'{"images": [%s{}]}' % (b'{"base64":""},' * (size // 14))),
        "20 MB of lists": (MOODS, JSON, b"[%s0]" % (b"[]," * (size // 3))),
        "20 MB of inputs": (INFER, JSON, b'{"inputs": [%s0]}' % (b"{}," * (size // 3))),
        "20 MB of outputs": (
            INFER,
            JSON,
            b'{"inputs": [{}], "outputs": [%s0]}' % (b'{"name":"a"},' * (size // 13)),
        ),
        "20 MB of values": (
            INFER,
            JSON,
            b'{"inputs": [{"name": "image", "data": [%s0]}]}' % (b"0," * (size // 2)),
        ),
        "8 MB of rows": (CLASSIFY, JSON, b'{"ImageTags": [%s0]}' % (b"{}," * 2_600_000)),
        "8 MB of empty rows": (CLASSIFY, PROTOBUF, b"\x0a\0" * 3_999_000),
        "20 MB of zeros": (MOODS, OCTETS, bytes(size)),
        "20 MB of files": (MOODS, FORM, FILE * (size // len(FILE))),
    }
    for name, (route, content_type, body) in bodies.items():
        yield HostileRequest("flood", name, post(route, body, content_type), OVERLOADED)
    outputs = [{"name": "probabilities"}] * 400_000
    image = {"name": "image", "shape": [1], "datatype": "BYTES", "data": [PIXEL]}
    many_outputs = post_json(INFER, {"inputs": [image], "outputs": outputs})
    yield HostileRequest("flood", "400,000 outputs", many_outputs, OVERLOADED)
    lines = b"X-Header: value\r\n" * 1_000_000
    endless_head = head(b"GET / HTTP/1.1", (HOST,))[:-2] + lines
    yield HostileRequest("flood", "17 MB of headers", endless_head, OVERLOADED)
    yield HostileRequest("flood", "17 MB of trailers", post_chunks(MOODS, b"0\r\n" + lines, JSON), OVERLOADED)
    single_bytes = post_chunks(MOODS, b"1\r\nx\r\n" * (size // 6))
    yield HostileRequest("flood", "3 million chunks", single_bytes, OVERLOADED)
    yield HostileRequest("flood", "1,000 requests at once", get(b"/healthz") * 1000, OVERLOADED | {0, 200})


def all_picture_bombs() -> Iterator[HostileRequest]:
    """Yield pictures that are made to take much memory or time."""
    for name, content in crafted():
        yield HostileRequest("picture bomb", name, post(MOODS, content, OCTETS), OVERLOADED | {200})


@contextlib.contextmanager
def holding_connections(port: int) -> Iterator[None]:
    """Keep connections open that send nothing, or only the start of a request."""
    with contextlib.ExitStack() as stack:
        for i in range(N_IDLE + N_HALF_OPEN):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            if i >= N_IDLE:
                connection.sendall(b"POST /v1/moods HTTP/1.1\r\nHost: localhost\r\nX-")
        yield
