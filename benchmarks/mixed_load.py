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
import base64
import collections
import contextlib
import itertools
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import service_load
import timing

N_WORKERS = 2
N_STREAMED = 40  # photos of a stream
GIVE_UP_S = 180.0  # after the first attempt; on a busy machine, a restart takes half a minute
GRACE_S = 3.0  # after a worker was killed, or the service has started again
PROTOBUF = {"Content-Type": "application/vnd.google.protobuf", "Accept": "application/vnd.google.protobuf"}
NDJSON = {"Content-Type": "application/x-ndjson"}
INVALID: tuple[tuple[str, dict[str, str], bytes, int], ...] = (
    ("/v1/moods", {"Content-Type": "image/jpeg"}, b"not a picture", 422),
    ("/v1/moods", {"Content-Type": "application/json"}, b'{"images": [', 422),
    ("/v1/moods?top=0", {"Content-Type": "image/jpeg"}, b"x", 422),
    ("/v1/moods", {"Content-Type": "text/plain"}, b"x", 415),
    ("/v1/moods", {"Content-Type": "image/jpeg"}, bytes(21_000_000), 413),
    ("/v2/models/mood/infer", {"Content-Type": "application/json"}, b'{"inputs": []}', 422),
    ("/model/methods/classify", PROTOBUF, b"\xff\xff", 422),
)


class Counts:
    """Counts of the requests of each kind, by what has happened to them."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = collections.defaultdict(list)
        self.repeated: collections.Counter[str] = collections.Counter()
        self.lost: list[str] = []
        self.start = time.monotonic()

    def lose(self, reason: str) -> None:
        """Count a request that has no correct answer."""
        self.lost.append(f"{time.monotonic() - self.start:.0f} s: {reason[:300]}")

    def summary(self) -> dict[str, Any]:
        """Return the number of requests and percentiles of their times, including repetitions, for each kind."""
        return {
            kind: {
                "answered": len(ms),
                "p50_ms": statistics.median(ms),
                "p99_ms": sorted(ms)[int(0.99 * len(ms))],
                "max_ms": max(ms),
            }
            for kind, ms in sorted(self.ms.items())
        }


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


class Clients:
    """Sends requests of all kinds until the end, and checks the answers."""

    def __init__(self, service: Service, rows: bytes, photos: list[bytes]) -> None:
        self.service = service
        self.counts = Counts()
        self.is_over = False
        self._rows = rows
        self._photos = itertools.cycle(photos)
        self._invalid = itertools.cycle(INVALID)

    async def run(self, seconds: float) -> None:
        """Run clients of all kinds."""
        kinds: list[tuple[str, float, Callable[[aiohttp.ClientSession], Awaitable[None]]]] = [
            *[("photo", 0.05, self._photo)] * 3,
            ("form", 0.2, self._form),
            ("tag rows", 0.02, self._tag_rows),
            ("labels", 0.1, self._labels),
            ("OIP", 0.1, self._infer),
            ("stream", 2.0, self._stream),
            ("invalid", 0.3, self._bad_input),
        ]
        async with asyncio.TaskGroup() as group:
            for kind, pause_s, send in kinds:
                group.create_task(self._repeat(kind, pause_s, send))
            await asyncio.sleep(seconds)
            self.is_over = True

    async def _repeat(
        self, kind: str, pause_s: float, send: Callable[[aiohttp.ClientSession], Awaitable[None]]
    ) -> None:
        timeout = aiohttp.ClientTimeout(total=60)
        # Connections that the service has closed would be used again, and aiohttp repeats some requests itself.
        connector = aiohttp.TCPConnector(keepalive_timeout=10)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            while not self.is_over:
                start = time.perf_counter()
                if await self._send_until_answered(kind, session, send):
                    self.counts.ms[kind].append(1000 * (time.perf_counter() - start))
                await asyncio.sleep(pause_s)

    async def _send_until_answered(
        self, kind: str, session: aiohttp.ClientSession, send: Callable[[aiohttp.ClientSession], Awaitable[None]]
    ) -> bool:
        end = time.monotonic() + GIVE_UP_S
        while time.monotonic() < end:
            was_disturbed = self.service.is_disturbed
            try:
                await send(session)
            except AssertionError as error:
                self.counts.lose(f"{kind}: wrong answer: {error}")
                return False
            except UnavailableError:
                self.counts.repeated[f"{kind}: status 503"] += 1
                await asyncio.sleep(0.5)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                if not (was_disturbed or self.service.is_disturbed):
                    self.counts.lose(f"{kind}: {type(error).__name__}: {error}")
                self.counts.repeated[f"{kind}: no response"] += 1
                await asyncio.sleep(0.2)
            else:
                return True
        self.counts.lose(f"{kind}: no answer after {GIVE_UP_S:.0f} s")
        return False

    async def _post(
        self, session: aiohttp.ClientSession, path: str, content: Any, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        async with session.post(self.service.address + path, data=content, headers=headers) as response:
            body = await response.read()
            if response.status == 503:
                raise UnavailableError
            return response.status, body

    async def _photo(self, session: aiohttp.ClientSession) -> None:
        status, body = await self._post(session, "/v1/moods", next(self._photos), {"Content-Type": "image/jpeg"})
        assert status == 200, body
        assert abs(sum(json.loads(body)["results"][0]["moods"].values()) - 1) < 1e-6, body

    async def _form(self, session: aiohttp.ClientSession) -> None:
        form = aiohttp.FormData()
        for number in range(4):
            form.add_field("image", next(self._photos), filename=f"{number}.jpg")
        status, body = await self._post(session, "/v1/moods?top=1&tags=3", form, {})
        assert status == 200, body
        results = json.loads(body)["results"]
        assert [result["image"] for result in results] == [f"{number}.jpg" for number in range(4)], body
        assert all(len(result["tags"]) == 3 for result in results), body

    async def _tag_rows(self, session: aiohttp.ClientSession) -> None:
        status, body = await self._post(session, "/model/methods/classify", self._rows, PROTOBUF)
        assert status == 200, body
        assert len(body) > 100, body

    async def _labels(self, session: aiohttp.ClientSession) -> None:
        async with session.get(f"{self.service.address}/v1/labels") as response:
            body = await response.json()
            if response.status == 503:
                raise UnavailableError
            assert response.status == 200, body
            assert len(body["moods"]) == 8, body

    async def _infer(self, session: aiohttp.ClientSession) -> None:
        data = [base64.b64encode(next(self._photos)).decode() for _ in range(2)]
        message = {"inputs": [{"name": "image", "shape": [2], "datatype": "BYTES", "data": data}]}
        headers = {"Content-Type": "application/json"}
        status, body = await self._post(session, "/v2/models/mood/infer", json.dumps(message), headers)
        assert status == 200, body
        assert {"probabilities", "labels"} == {entry["name"] for entry in json.loads(body)["outputs"]}, body

    async def _bad_input(self, session: aiohttp.ClientSession) -> None:
        path, headers, content, expected = next(self._invalid)
        status, body = await self._post(session, path, content, headers)
        assert status == expected, (path, status, body)

    async def _stream(self, session: aiohttp.ClientSession) -> None:
        """Stream photos, one of which is invalid, and send again those without an answer."""
        missing = set(range(N_STREAMED))
        end = time.monotonic() + GIVE_UP_S
        while missing:
            assert time.monotonic() < end, "a stream without an end"
            sent = sorted(missing)
            try:
                answered, error = await self._stream_once(session, sent, missing)
            except (aiohttp.ClientError, OSError) as failure:
                if not self.service.is_disturbed:
                    self.counts.lose(f"stream: {type(failure).__name__}: {failure}")
                self.counts.repeated["stream: continued"] += 1
                await asyncio.sleep(0.2)
                continue
            assert error is None or error["status"] == 503, error
            if error is not None:
                self.counts.repeated["stream: continued"] += 1
                await asyncio.sleep(0.5)
            else:
                assert answered == len(sent), (answered, len(sent))

    async def _stream_once(
        self, session: aiohttp.ClientSession, numbers: list[int], missing: set[int]
    ) -> tuple[int, dict[str, Any] | None]:
        async def lines() -> AsyncIterator[bytes]:
            for number in numbers:
                content = b"text" if number == 0 else next(self._photos)
                fields = {"name": str(number), "base64": base64.b64encode(content).decode()}
                yield json.dumps(fields).encode() + b"\n"

        url = f"{self.service.address}/v1/moods/stream?top=1"
        n_answered = 0
        async with session.post(url, data=lines(), headers=NDJSON) as response:
            if response.status == 503:
                raise UnavailableError
            assert response.status == 200, await response.text()
            async for line in response.content:
                answer = json.loads(line)
                if "summary" in answer:
                    return n_answered, answer["summary"]["error"]
                number = numbers[answer["index"]]
                status = answer.get("error", {}).get("status")
                n_answered += 1
                if status == 503:  # other requests needed the place
                    self.counts.repeated["stream: picture with status 503"] += 1
                    continue
                assert status == (422 if number == 0 else None), answer
                assert answer["image"] == str(number), answer
                missing.discard(number)
        raise aiohttp.ClientPayloadError("a stream without a summary")


class UnavailableError(Exception):
    """The service is stopping, or its queue is full."""


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
