"""Clients that attack the service, and ordinary clients beside them."""

from __future__ import annotations

import collections
import contextlib
import functools
import http.client
import io
import multiprocessing
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event as EventType
from typing import Any

import numpy as np
import PIL.Image
import psutil

N_ORDINARY = 4
PAUSE_S = 0.05
ATTACKS = {
    "nothing": 0,
    "pictures that take seconds to decode": 8,
    "large JSON of other values": 4,
    "bodies of 20 MB": 8,
    "100 idle and 500 half-open connections": 1,
}
JSON_HEADERS = {"Content-Type": "application/json"}


@functools.cache
def slow_jpeg() -> bytes:
    """Return a progressive JPEG file of 19 megapixels with as many scans as are accepted, in 160 kB."""
    small = np.random.default_rng(0).integers(0, 256, (550, 550), dtype=np.uint8)
    content = io.BytesIO()
    image = PIL.Image.fromarray(np.kron(small, np.ones((8, 8), np.uint8)))
    image.save(content, "JPEG", progressive=True, quality=1)
    file = content.getvalue()
    starts = [match.start() for match in re.finditer(b"\xff\xda", file)]
    return file[:-2] + file[starts[-1] : -2] * (98 - len(starts)) + b"\xff\xd9"


@functools.cache
def large_png() -> bytes:
    """Return a PNG file of 49 megapixels in 140 kB."""
    content = io.BytesIO()
    PIL.Image.new("RGB", (10_000, 4_900)).save(content, "PNG")
    return content.getvalue()


def post(body: bytes) -> bytes:
    """Return a request that sends a picture."""
    head = f"POST /v1/moods HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def send(port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> int:
    """Send a request on a connection of its own, and return the status of the response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


class Clients:
    """Clients in threads, which repeat a request until they are stopped."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.statuses: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        self.ms: dict[str, list[float]] = collections.defaultdict(list)
        self._threads: list[threading.Thread] = []

    def repeat(self, name: str, request: Callable[[], int], pause_s: float = PAUSE_S) -> None:
        def run() -> None:
            while not self.stopped.wait(pause_s):
                start = time.perf_counter()
                try:
                    status = str(request())
                except (OSError, http.client.HTTPException) as error:
                    status = type(error).__name__
                if not self.stopped.is_set():
                    self.statuses[name][status] += 1
                    self.ms[name].append(1000 * (time.perf_counter() - start))

        self._threads.append(threading.Thread(target=run))
        self._threads[-1].start()

    def stop(self) -> None:
        self.stopped.set()
        for thread in self._threads:
            thread.join()


@contextlib.contextmanager
def many_connections(port: int) -> Iterator[None]:
    """Keep 100 idle and 500 half-open connections."""
    with contextlib.ExitStack() as stack:
        for i in range(600):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            if i >= 100:
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: local")
        yield


def attack_requests(attack: str) -> list[tuple[bytes, dict[str, str]]]:
    """Return the bodies and headers that an attacker sends in turn."""
    requests: dict[str, list[tuple[bytes, dict[str, str]]]] = {
        "pictures that take seconds to decode": [(slow_jpeg(), {}), (large_png(), {})],
        "large JSON of other values": [
            (b'{"images":[' + b"0," * 1_000_000 + b"0]}", JSON_HEADERS),
            (b'{"images":[' + b"{}," * 6_000_000 + b"0]}", JSON_HEADERS),
        ],
        "bodies of 20 MB": [
            (bytes(19_000_000), {}),
            (b'{"images":[{"url":"' + b"A" * 19_000_000, JSON_HEADERS),
        ],
    }
    return requests.get(attack, [])


def attack(
    port: int, name: str, n_clients: int, ready: EventType, stopped: EventType, statuses: Connection
) -> None:
    """Attack the service from a process of its own, so that the other clients are not delayed by this one."""
    requests = attack_requests(name)
    clients = Clients()
    with many_connections(port) if "connections" in name else contextlib.nullcontext():
        for i in range(n_clients if requests else 0):
            request = functools.partial(send, port, "POST", "/v1/moods", *requests[i % len(requests)])
            clients.repeat("attack", request, pause_s=0.01)
        ready.set()
        stopped.wait()
    clients.stopped.set()
    statuses.send(dict(clients.statuses["attack"]))


def serve_beside(
    port: int, name: str, n_clients: int, seconds: float, photo: bytes, process: psutil.Process
) -> dict[str, Any]:
    """Send ordinary requests beside an attacker, and return their statuses and times."""
    clients, rest_mb = Clients(), process.memory_info().rss / 1e6
    context = multiprocessing.get_context("spawn")
    ready, stopped = context.Event(), context.Event()
    receiver, sender = context.Pipe()
    attacker = context.Process(target=attack, args=(port, name, n_clients, ready, stopped, sender))
    attacker.start()
    ready.wait()
    for _ in range(N_ORDINARY):
        clients.repeat("ordinary", lambda: send(port, "POST", "/v1/moods", photo))
    clients.repeat("healthz", lambda: send(port, "GET", "/healthz"))
    clients.repeat("readyz", lambda: send(port, "GET", "/readyz"))
    end, peak_mb = time.perf_counter() + seconds, 0.0
    while time.perf_counter() < end:
        peak_mb = max(peak_mb, process.memory_info().rss / 1e6)
        time.sleep(0.02)
    clients.stop()
    stopped.set()
    clients.statuses["attack"].update(receiver.recv())
    attacker.kill()  # some of its requests may still wait for a response
    ordinary = sorted(clients.ms["ordinary"])
    return {
        "statuses": {key: dict(statuses) for key, statuses in clients.statuses.items()},
        "p50_ms": ordinary[len(ordinary) // 2],
        "p99_ms": ordinary[int(0.99 * len(ordinary))],
        "healthz_max_ms": max(clients.ms["healthz"]),
        "rest_mb": rest_mb,
        "peak_mb": peak_mb,
    }
