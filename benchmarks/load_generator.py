"""A load generator: so many connections, each with one request under way at any time, for so many seconds.

    python benchmarks/load.py URL --body FILE [FILE ...] --connections 8 --seconds 5

It does little else than write prepared bytes and wait for the length that the answer announces, so that on a small
machine the server has the processor. Prints a JSON object: answers per second, percentiles of their time in
milliseconds, how many there were of each status, and how many requests got no answer.
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

GRACE_S = 60  # what has no answer so long after the end is lost


class Load:
    """What all connections share."""

    def __init__(self, address: str, requests: Iterator[bytes], until: float, most: int | None) -> None:
        self.address = urlsplit(address)
        self.requests = requests
        self.until = until
        self.most = most
        self.n_sent = 0
        self.n_lost = 0
        self.ms: dict[int, list[float]] = collections.defaultdict(list)
        self.connecting: set[asyncio.Task[object]] = set()

    def connect(self, done: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        opening = loop.create_connection(lambda: Connection(self, done), self.address.hostname, self.address.port)
        task: asyncio.Task[object] = loop.create_task(opening)
        self.connecting.add(task)
        task.add_done_callback(self.connecting.discard)

    @property
    def is_over(self) -> bool:
        return time.perf_counter() >= self.until or (self.most is not None and self.n_sent >= self.most)


class Connection(asyncio.Protocol):
    """One client: sends, waits, sends again, over another connection where the server closes each."""

    def __init__(self, load: Load, done: asyncio.Future[None]) -> None:
        self.load, self.done = load, done
        self.transport: asyncio.Transport | None = None
        self.waits, self.start, self.missing, self.head = False, 0.0, -1, b""
        self.status, self.closes = 0, False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are not declared as such
        self.send()

    def send(self) -> None:
        assert self.transport is not None
        if self.load.is_over:
            self.transport.close()
            return
        self.load.n_sent += 1
        self.waits, self.missing, self.head, self.start = True, -1, b"", time.perf_counter()
        self.transport.write(next(self.load.requests))

    def data_received(self, data: bytes) -> None:
        if self.missing < 0:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.head[:end].lower()
            self.status = int(head[9:12])
            self.closes = b"connection: close" in head
            length = head.index(b"content-length: ") + 16
            self.missing = int(head[length:].split(b"\r", 1)[0]) - (len(self.head) - end - 4)
        else:
            self.missing -= len(data)
        if self.missing <= 0:
            self.load.ms[self.status].append(1000 * (time.perf_counter() - self.start))
            self.waits = False
            if self.closes:
                self.transport.close()  # type: ignore[union-attr]
            elif self.status == 503:
                asyncio.get_running_loop().call_later(0.05, self.send)  # impatient: it was told to wait a second
            else:
                self.send()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self.load.n_lost += self.waits
        if self.closes and not self.load.is_over:
            self.load.connect(self.done)
        elif not self.done.done():
            self.done.set_result(None)


async def run(
    address: str, requests: Iterator[bytes], n_connections: int, seconds: float, most: int | None
) -> Load:
    load = Load(address, requests, time.perf_counter() + seconds, most)
    ends = [asyncio.get_running_loop().create_future() for _ in range(n_connections)]
    for end in ends:
        load.connect(end)
    await asyncio.wait(ends, timeout=seconds + GRACE_S)
    load.n_lost += sum(not end.done() for end in ends)
    return load


def prepared(address: str, bodies: list[bytes], content_type: str, accept: str) -> Iterator[bytes]:
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    whole = [
        f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: {content_type}\r\nAccept: {accept}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in bodies
    ]
    return itertools.cycle(whole)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--body", type=Path, nargs="+", required=True)
    parser.add_argument("--content-type", default="application/vnd.google.protobuf")
    parser.add_argument("--accept", default="application/vnd.google.protobuf")
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--requests", type=int)
    given = parser.parse_args()
    requests = prepared(given.address, [p.read_bytes() for p in given.body], given.content_type, given.accept)
    start = time.perf_counter()
    load = uvloop.run(run(given.address, requests, given.connections, given.seconds, given.requests))
    took = time.perf_counter() - start
    accepted = load.ms.get(200, [])
    figures = {
        "per_s": len(accepted) / took,
        "p50_ms": percentile(accepted, 0.5),
        "p95_ms": percentile(accepted, 0.95),
        "p99_ms": percentile(accepted, 0.99),
        "max_ms": max(accepted, default=0.0),
        "answers": {str(status): len(values) for status, values in sorted(load.ms.items())},
        "lost": load.n_lost,
        "refusal_p99_ms": percentile(load.ms.get(503, []), 0.99),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
