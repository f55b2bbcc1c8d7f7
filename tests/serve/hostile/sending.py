"""Sends requests over plain sockets, and observes the service meanwhile."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.serve.hostile.building import HostileRequest

HANG_S = 30.0
"""Time without a response after which a request hangs; the time limits of the service must be shorter."""

_PART_BYTES = 65_536


@dataclass(frozen=True)
class Answer:
    """The response to a request.

    Attributes
    ----------
    status : int or None
        0 if the service closed the connection without a response; None if it did neither in time.
    """

    request: HostileRequest
    status: int | None
    body: bytes
    seconds: float

    @property
    def is_expected(self) -> bool:
        """Whether the status is one of those that the request allows."""
        return self.status in self.request.expected

    def __str__(self) -> str:
        request = self.request
        return (
            f"{request.kind}: {request.name}: {self.status}, not {sorted(request.expected)}: {self.body[:300]!r}"
        )


def send(request: HostileRequest, port: int) -> Answer:
    """Send a request, and read the response to it."""
    start = time.perf_counter()
    status, body = _exchange(request, port)
    return Answer(request, status, body, time.perf_counter() - start)


def _exchange(request: HostileRequest, port: int) -> tuple[int | None, bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=HANG_S) as connection:
        response = http.client.HTTPResponse(connection, method=request.method)
        try:
            _send_until_response(connection, memoryview(request.data))
            response.begin()
            return response.status, response.read()
        except TimeoutError:
            return None, b""
        except (http.client.HTTPException, ConnectionError):
            return 0, b""


def _send_until_response(connection: socket.socket, data: memoryview) -> None:
    """Send data, or less if the service responds or closes the connection before."""
    while data:
        readable, writable, _ = select.select([connection], [connection], [], HANG_S)
        if not (readable or writable):
            raise TimeoutError
        if readable:
            return
        data = data[connection.send(data[:_PART_BYTES]) :]


def send_all(requests: Iterable[HostileRequest], port: int, n_threads: int = 4) -> list[Answer]:
    """Send requests over several connections at a time."""
    with ThreadPoolExecutor(n_threads) as executor:
        return list(executor.map(lambda request: send(request, port), requests))


@dataclass
class Observations:
    """Response times of /healthz, in seconds, and memory of all processes of the service, in bytes."""

    health_s: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    n_failures: int = 0


@contextlib.contextmanager
def observing(port: int, process_id: int, interval_s: float = 0.02) -> Iterator[Observations]:
    """Ask for /healthz and measure the memory all the time, in another thread."""
    found, stop = Observations(), threading.Event()

    def observe() -> None:
        while not stop.wait(interval_s):
            start = time.perf_counter()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG_S)
                connection.request("GET", "/healthz")
                is_ok = connection.getresponse().read() == b"ok\n"
                connection.close()
            except OSError:
                is_ok = False
            found.health_s.append(time.perf_counter() - start)
            found.n_failures += not is_ok
            found.memory.append(sum(map(_memory, _process_tree(process_id))))

    thread = threading.Thread(target=observe)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def _process_tree(process_id: int) -> Sequence[int]:
    try:
        tasks = Path(f"/proc/{process_id}/task").iterdir()
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return [process_id]
    return [process_id, *(descendant for child in children for descendant in _process_tree(child))]


def _memory(process_id: int) -> int:
    """Return the memory that a process has for itself; that of a decoder is shared with the service in part."""
    try:
        for line in Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
