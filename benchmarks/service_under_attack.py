"""Measure what the limits of the service cost, and how it serves ordinary requests beside an attacker.

    python benchmarks/service_under_attack.py [--before FOLDER] [--rounds 15] [--seconds 20]

The first part compares the photos per second, and the CPU time of all processes for each photo, of decoding in
threads and in processes; with `--before`, the folder `src` of another version of the project, also with that
version. The candidates alternate in each round. The second part sends ordinary photos, and asks for `/healthz`,
while an attacker sends pictures that take seconds to decode, floods of large JSON, or opens many connections. The
third part measures how long the service takes to stop in each state. The results go to
`benchmarks/results/service_under_attack.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hostile_clients
import psutil
import service_load
import timing
from decoder_processes import measure_alternately

N_CONNECTIONS, LOAD_S = 16, 3.0
SOURCE = Path(__file__).parents[1] / "src"
THREADS = ("--decode-timeout", "0")
UPLOAD = b"POST /v1/moods HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc"


@contextlib.contextmanager
def serving(source: Path, folder: Path, *options: str) -> Iterator[tuple[int, psutil.Process]]:
    """Run the service of a version until the end of the block, and yield its port and its process."""
    port = service_load.free_port()
    command = [sys.executable, "-m", "imagemood", "serve", "--no-access-log", "--port", str(port), *options]
    environment = {**os.environ, "PYTHONPATH": str(source)}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("serving at" in line for line in lines), "the service has not started"
        try:
            yield port, psutil.Process(process.pid)
        finally:
            process.kill()


def compare_rates(before: Path | None, folder: Path, bodies: list[Path], n_rounds: int) -> dict[str, Any]:
    """Compare the photos per second of decoding in threads and in processes, and of another version."""
    sources = {"after": SOURCE} | ({} if before is None else {"before": before})
    with contextlib.ExitStack() as stack:
        candidates = {}
        for version, source in sources.items():
            for way, options in {"threads": THREADS, "processes": ()}.items():
                port, process = stack.enter_context(serving(source, folder, *options))

                def send(port: int = port) -> int:
                    address = f"http://127.0.0.1:{port}/model/methods/mood"
                    load = service_load.generate_load(address, bodies, connections=N_CONNECTIONS, seconds=LOAD_S)
                    assert not load["lost"], load
                    return int(load["answers"]["200"])

                candidates[f"{way} {version}"] = (process, send)
        return measure_alternately(candidates, n_rounds)


def serve_beside(folder: Path, attack: str, n_clients: int, seconds: float, photo: bytes) -> dict[str, Any]:
    """Send ordinary requests beside an attacker."""
    with serving(SOURCE, folder) as (port, process):
        results = hostile_clients.serve_beside(port, attack, n_clients, seconds, photo, process)
    print(attack, results, flush=True)
    return results


def time_to_stop(folder: Path, content: bytes | None, n_connections: int, *options: str) -> float:
    """Return the seconds that the service takes to stop while connections have sent some bytes."""
    with serving(SOURCE, folder, *options) as (port, process):
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(n_connections)]
        for client in clients:
            client.sendall(content or b"")
        time.sleep(1)
        start = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        seconds = time.perf_counter() - start
        for client in clients:
            client.close()
    return seconds


def measure_stopping(folder: Path) -> dict[str, float]:
    """Return the seconds that the service takes to stop in each state."""
    bomb = hostile_clients.post(hostile_clients.slow_jpeg())
    states: dict[str, tuple[bytes | None, int]] = {
        "idle": (None, 0),
        "500 connections with a part of a request": (b"GET / HTTP/1.1\r\nHost:", 500),
        "a body that does not arrive": (UPLOAD, 1),
        "16 pictures that take seconds to decode": (bomb, 16),
    }
    times = {name: time_to_stop(folder, *state) for name, state in states.items()}
    times["two workers, a body that does not arrive"] = time_to_stop(folder, UPLOAD, 1, "--workers", "2")
    print(times, flush=True)
    return times


def main(before: Path | None, n_rounds: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _, bodies, contents = service_load.prepare_requests(folder, None)
        attacks = {
            name: serve_beside(folder, name, n_clients, seconds, contents[0])
            for name, n_clients in hostile_clients.ATTACKS.items()
        }
        results = {
            "rates": compare_rates(before, folder, bodies, n_rounds),
            "attacks": attacks,
            "stop_s": measure_stopping(folder),
        }
    timing.save_results("service_under_attack", results)
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="folder src of another version")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=20, help="seconds of each attack")
    arguments = parser.parse_args()
    main(arguments.before, arguments.rounds, arguments.seconds)
