"""Runs the real service in a process of its own, and sends requests to applications in this process."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from imagemood.serve.request_bodies.body_parts import Part, PartParser
from imagemood.serve.transport.asgi_server import AsgiServer

PROTOBUF = "application/vnd.google.protobuf"
JSON = "application/json"
TOKEN = "a-token-of-many-letters"  # noqa: S105
AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}
_TLS = ssl.create_default_context()  # shared, since each request would otherwise load the certificates


@contextlib.asynccontextmanager
async def started(server: AsgiServer, listener: socket.socket) -> AsyncIterator[None]:
    """Run a server in this event loop until the end of the block."""
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.001)
    try:
        yield
    finally:
        server.stop()
        await asyncio.wait_for(task, 30)


@dataclass
class RunningService:
    """A running service."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path
    tls: ssl.SSLContext = _TLS

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def get(self, path, **request) -> httpx.Response:
        return httpx.get(self.address + path, timeout=60, verify=self.tls, **request)

    def post(self, path, **request) -> httpx.Response:
        return httpx.post(self.address + path, timeout=60, verify=self.tls, **request)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(
    folder: Path, *options: object, port: int | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[RunningService]:
    """Run the service in a folder, by default on a free port, and stop it with a signal."""
    port = port or free_port()
    command = [sys.executable, "-m", "imagemood", "serve", "--port", str(port), *map(str, options)]
    with running(folder, command, port, tls=tls) as service:
        yield service


@contextlib.contextmanager
def running(
    folder: Path,
    command: list[object],
    port: int,
    env: dict[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[RunningService]:
    """Run a command that starts the service on a port of loopback, and stop it with a signal."""
    log = folder / f"serve-{port}.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, cwd=folder, env=env) as process,
    ):
        service = RunningService(f"http{'s' if tls else ''}://127.0.0.1:{port}", process, log, tls or _TLS)
        try:
            _wait_until_ready(service)
            yield service
        finally:
            if process.poll() is None:
                process.terminate()
            assert process.wait(60) == 0, log.read_text()


def _wait_until_ready(service: RunningService) -> None:
    """Wait for the line that announces the service; from then on, it must respond immediately."""
    for _ in range(1200):
        assert service.process.poll() is None, service.log.read_text()
        if f"serving at {service.address} (Ctrl+C stops)\n" in service.log.read_text():
            assert service.get("/readyz").status_code == 200
            return
        time.sleep(0.05)
    raise AssertionError(service.log.read_text())


@contextlib.contextmanager
def in_process(app: FastAPI) -> Iterator[Callable[..., httpx.Response]]:
    """Start an application in this process, and yield a function that sends it a request."""
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost")
        runner.run(lifespan.__aenter__())
        try:
            yield lambda *arguments, **options: runner.run(client.request(*arguments, **options))
        finally:
            runner.run(client.aclose())
            runner.run(lifespan.__aexit__(None, None, None))


def send_to(app: FastAPI, method: str, path: str, **options) -> httpx.Response:
    """Send one request to an application in this process."""
    with in_process(app) as send:
        return send(method, path, **options)


def send_raw(service: RunningService, head: str, body: bytes = b"") -> bytes:
    """Send bytes that no client library would send, and return the response."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + body)
        response = b""
        while chunk := connection.recv(65536):
            response += chunk
    return response


def feed_in_chunks(parser: PartParser, body: bytes, cuts: Iterable[int]) -> list[Part]:
    """Return the parts of a body that arrives in chunks which end at the cuts."""
    ends = sorted({min(cut, len(body)) for cut in cuts} | {len(body)})
    parts = [part for start, end in itertools.pairwise([0, *ends]) for part in parser.feed(body[start:end])]
    return [*parts, *parser.finish()]
