"""Load a server: each of several connections always has one request in flight.

    python benchmarks/load_generator.py URL --body FILE [FILE ...] --connections 8 --seconds 5

The generator only writes prepared bytes and counts the bytes of the response, to leave the processor of a small
machine to the server. It prints a JSON object: responses per second, latency percentiles in milliseconds, the
number of responses by status, and the number of requests without a response.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import uvloop

GRACE_S = 60  # requests without a response this long after the end count as lost


class Load:
    """State shared by all connections."""

    def __init__(self, url: str, requests: Iterator[bytes], end: float, max_requests: int | None) -> None:
        self.url = urlsplit(url)
        self.requests = requests
        self.end = end
        self.max_requests = max_requests
        self.n_sent = 0
        self.n_lost = 0
        self.ms: dict[int, list[float]] = collections.defaultdict(list)
        self.connecting: set[asyncio.Task[object]] = set()

    def connect(self, done: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        connecting = loop.create_connection(lambda: Connection(self, done), self.url.hostname, self.url.port)
        task: asyncio.Task[object] = loop.create_task(connecting)
        self.connecting.add(task)
        task.add_done_callback(self.connecting.discard)

    @property
    def is_over(self) -> bool:
        return time.perf_counter() >= self.end or (
            self.max_requests is not None and self.n_sent >= self.max_requests
        )


class Connection(asyncio.Protocol):
    """One client: sends a request, waits for the response and repeats; reconnects if the server disconnects."""

    def __init__(self, load: Load, done: asyncio.Future[None]) -> None:
        self.load, self.done = load, done
        self.transport: asyncio.Transport | None = None
        self.is_waiting, self.start, self.n_missing, self.head = False, 0.0, -1, b""
        self.status, self.closes = 0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # not declared as such by uvloop
        self.send()

    def send(self) -> None:
        assert self.transport is not None
        if self.load.is_over:
            self.transport.close()
            return
        self.load.n_sent += 1
        self.is_waiting, self.n_missing, self.head, self.start = True, -1, b"", time.perf_counter()
        self.transport.write(next(self.load.requests))

    def data_received(self, data: bytes) -> None:
        if self.n_missing < 0:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.head[:end].lower()
            self.status = int(head[9:12])
            self.closes = b"connection: close" in head
            length = head.index(b"content-length: ") + 16
            self.n_missing = int(head[length:].split(b"\r", 1)[0]) - (len(self.head) - end - 4)
        else:
            self.n_missing -= len(data)
        if self.n_missing <= 0:
            self.load.ms[self.status].append(1000 * (time.perf_counter() - self.start))
            self.is_waiting = False
            if self.closes:
                self.transport.close()  # type: ignore[union-attr]
            elif self.status == 503:
                asyncio.get_running_loop().call_later(0.05, self.send)  # earlier than Retry-After asks for
            else:
                self.send()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self.load.n_lost += self.is_waiting
        if self.closes and not self.load.is_over:
            self.load.connect(self.done)
        elif not self.done.done():
            self.done.set_result(None)


async def run(
    url: str, requests: Iterator[bytes], n_connections: int, seconds: float, max_requests: int | None
) -> Load:
    load = Load(url, requests, time.perf_counter() + seconds, max_requests)
    closed = [asyncio.get_running_loop().create_future() for _ in range(n_connections)]
    for future in closed:
        load.connect(future)
    await asyncio.wait(closed, timeout=seconds + GRACE_S)
    load.n_lost += sum(not future.done() for future in closed)
    return load


def prepare_requests(url: str, bodies: list[bytes], content_type: str, accept: str) -> Iterator[bytes]:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    requests = [
        f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {content_type}\r\nAccept: {accept}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in bodies
    ]
    return itertools.cycle(requests)


def percentile(values: list[float], fraction: float) -> float:
    return sorted(values)[min(len(values) - 1, int(fraction * len(values)))] if values else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--body", type=Path, nargs="+", required=True)
    parser.add_argument("--content-type", default="application/vnd.google.protobuf")
    parser.add_argument("--accept", default="application/vnd.google.protobuf")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--requests", type=int)
    arguments = parser.parse_args()
    requests = prepare_requests(
        arguments.url, [p.read_bytes() for p in arguments.body], arguments.content_type, arguments.accept
    )
    start = time.perf_counter()
    load = uvloop.run(run(arguments.url, requests, arguments.connections, arguments.seconds, arguments.requests))
    elapsed_s = time.perf_counter() - start
    accepted = load.ms.get(200, [])
    results = {
        "per_s": len(accepted) / elapsed_s,
        "p50_ms": percentile(accepted, 0.5),
        "p95_ms": percentile(accepted, 0.95),
        "p99_ms": percentile(accepted, 0.99),
        "max_ms": max(accepted, default=0.0),
        "answers": {str(status): len(values) for status, values in sorted(load.ms.items())},
        "lost": load.n_lost,
        "refusal_p99_ms": percentile(load.ms.get(503, []), 0.99),
    }
    print(json.dumps(results))


if __name__ == "__main__":
    main()
