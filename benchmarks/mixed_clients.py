"""Clients that send requests of all kinds to the service, and check the answers; see `mixed_load.py`."""

from __future__ import annotations

import asyncio
import base64
import collections
import itertools
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import aiohttp

N_STREAMED = 40  # photos of a stream
GIVE_UP_S = 180.0  # after the first attempt; on a busy machine, a restart takes half a minute
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


class Target(Protocol):
    """The service, as the clients see it."""

    address: str

    @property
    def is_disturbed(self) -> bool: ...


class Clients:
    """Sends requests of all kinds until the end, and checks the answers."""

    def __init__(self, service: Target, rows: bytes, photos: list[bytes]) -> None:
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
