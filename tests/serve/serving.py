"""The real service, in a process of its own."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

PROTOBUF = "application/vnd.google.protobuf"


@dataclass
class Served:
    """A running service."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def get(self, path, **request) -> httpx.Response:
        return httpx.get(self.address + path, timeout=60, **request)

    def post(self, path, **request) -> httpx.Response:
        return httpx.post(self.address + path, timeout=60, **request)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(folder: Path, *options: object, port: int | None = None) -> Iterator[Served]:
    """Serve on a port of this machine, a free one by default, from a folder; a signal stops the service."""
    port = port or free_port()
    command = [sys.executable, "-m", "imagemood", "serve", "--port", str(port), *map(str, options)]
    log = folder / f"serve-{port}.log"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output, cwd=folder) as process:
        served = Served(f"http://127.0.0.1:{port}", process, log)
        try:
            _wait(served)
            yield served
        finally:
            if process.poll() is None:
                process.terminate()
            assert process.wait(60) == 0, log.read_text()


def _wait(served: Served) -> None:
    """Wait until the service says that it serves; then it must answer, at once."""
    for _ in range(1200):
        assert served.process.poll() is None, served.log.read_text()
        if f"serving at {served.address} (Ctrl+C stops)\n" in served.log.read_text():
            assert served.get("/readyz").status_code == 200
            return
        time.sleep(0.05)
    raise AssertionError(served.log.read_text())
