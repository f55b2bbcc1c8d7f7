"""Load the service for an hour with requests of all kinds, while workers are killed and the service is restarted.

    python benchmarks/mixed_load.py [--minutes 60] [--kill-s 120] [--restart-s 600] [--photos FOLDER]

Clients send photos, tag rows, requests for labels, requests of the Open Inference Protocol, streams of photos, and
invalid input, each on connections of its own. Every two minutes, one of the workers is killed (SIGKILL); every ten
minutes, the service is stopped (SIGTERM) and started again. A request is *lost* if it has no correct answer in the
end. Its client sends it again, as any client must, in two cases, which are counted:

- The connection was refused or closed before the response was complete: a worker that is killed takes its requests
  with it, and between the stop and the start nothing listens.
- The status was 503: the queue is full, or the service is stopping.

Without a worker that was killed, and while the service is running, neither of the first may happen: such a
request counts as lost, even if it succeeds later. A stream sends the pictures without an answer again. The
results, with the memory of all processes over time, go to `benchmarks/results/mixed_load.json`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import service_load
import timing
from mixed_clients import Clients

N_WORKERS = 2
GRACE_S = 3.0  # after a worker was killed, or the service has started again


class Service:
    """The service, its restarts, and the times in which connections may break."""

    def __init__(self, folder: Path) -> None:
        self.port = service_load.free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.disturbed_until = 0.0
        self.n_killed = self.n_restarts = 0
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_disturbed(self) -> bool:
        return time.monotonic() < self.disturbed_until

    @property
    def root(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    async def start(self) -> None:
        with (self._folder / "service.log").open("ab") as log:
            options = ("--port", str(self.port), "--workers", str(N_WORKERS), "--no-access-log")
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "imagemood", "serve", *options, cwd=self._folder, stderr=log
            )
        async with aiohttp.ClientSession() as session:
            for _ in range(600):
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self.address}/readyz") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.2)
        raise RuntimeError((self._folder / "service.log").read_text())

    async def stop(self) -> float:
        """Stop the service, and return the seconds that this takes."""
        assert self._process is not None
        start = time.monotonic()
        self._process.terminate()
        code = await self._process.wait()
        assert code == 0, (code, (self._folder / "service.log").read_text())
        return time.monotonic() - start

    async def restart(self) -> None:
        self.disturbed_until = float("inf")
        seconds = await self.stop()
        print(f"stopped in {seconds:.1f} s", flush=True)
        await self.start()
        self.n_restarts += 1
        self.disturbed_until = time.monotonic() + GRACE_S

    async def kill_worker(self) -> None:
        """Kill one of the workers, the processes that have decoders of their own."""
        workers = [child for child in self.root.children() if child.children()]
        if workers:
            worker = random.choice(workers)  # noqa: S311
            self.disturbed_until = float("inf")
            worker.send_signal(signal.SIGKILL)
            await asyncio.to_thread(worker.wait, 60)  # on a busy machine, a process needs seconds to end
            self.disturbed_until = time.monotonic() + GRACE_S
            self.n_killed += 1

    def memory_mb(self) -> float:
        """Return the memory of all processes, without counting pages that they share several times."""
        with contextlib.suppress(psutil.Error):
            processes = [self.root, *self.root.children(recursive=True)]
            return sum(process.memory_full_info().pss for process in processes) / 1e6
        return 0.0


async def disturb(service: Service, kill_s: float, restart_s: float, samples: list[dict[str, float]]) -> None:
    """Kill workers and restart the service from time to time, and record the memory once they are at rest."""
    start = time.monotonic()
    next_kill, next_restart = start + kill_s, start + restart_s
    while True:
        await asyncio.sleep(10)
        now = time.monotonic()
        if now >= next_restart:
            await service.restart()
            next_restart, next_kill = time.monotonic() + restart_s, time.monotonic() + kill_s
        elif now >= next_kill:
            await service.kill_worker()
            next_kill = now + kill_s
        elif not service.is_disturbed:
            mb = await asyncio.to_thread(service.memory_mb)
            samples.append({"minute": (now - start) / 60, "mb": mb})


async def load(
    folder: Path, minutes: float, kill_s: float, restart_s: float, photos: Path | None
) -> dict[str, Any]:
    rows, _, contents = service_load.prepare_requests(folder, photos)
    service = Service(folder)
    await service.start()
    clients = Clients(service, rows.read_bytes(), contents)
    samples: list[dict[str, float]] = []
    disturbing = asyncio.create_task(disturb(service, kill_s, restart_s, samples))
    running = asyncio.create_task(clients.run(60 * minutes))
    reports = asyncio.create_task(report(clients, samples))
    await asyncio.wait([disturbing, running], return_when=asyncio.FIRST_COMPLETED)
    for task in (disturbing, reports):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await disturbing
    await running
    await service.stop()
    log = (folder / "service.log").read_text()
    return {
        "minutes": minutes,
        "workers": N_WORKERS,
        "requests": clients.counts.summary(),
        "answered": sum(len(ms) for ms in clients.counts.ms.values()),
        "lost": len(clients.counts.lost),
        "losses": clients.counts.lost[:20],
        "repeated": dict(clients.counts.repeated),
        "killed_workers": service.n_killed,
        "restarts": service.n_restarts,
        "memory": samples,
        "tracebacks_in_the_log": log.count("Traceback"),
    }


async def report(clients: Clients, samples: list[dict[str, float]]) -> None:
    while True:
        await asyncio.sleep(60)
        n_answered = sum(len(ms) for ms in clients.counts.ms.values())
        mb = f"{samples[-1]['mb']:.0f} MB" if samples else ""
        print(n_answered, "answered,", len(clients.counts.lost), "lost", clients.counts.lost[-1:], mb, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--kill-s", type=float, default=120, help="seconds between two killed workers")
    parser.add_argument("--restart-s", type=float, default=600, help="seconds between two restarts of the service")
    parser.add_argument("--photos", type=Path, help="folder of JPEG files (default: crops of the sample pictures)")
    arguments = parser.parse_args()
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        results = asyncio.run(
            load(folder, arguments.minutes, arguments.kill_s, arguments.restart_s, arguments.photos)
        )
    timing.save_results("mixed_load", results)
    print(json.dumps({key: value for key, value in results.items() if key != "memory"}, indent=1))


if __name__ == "__main__":
    main()
