from __future__ import annotations

import asyncio
import base64
import dataclasses
import json

import pytest

from imagemood.serve import answers, picture_stream
from imagemood.serve.answers import Answers
from imagemood.serve.inference.engine import PredictionOptions
from imagemood.serve.moods_query import MoodsQuery
from imagemood.serve.picture_stream import PictureStream
from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.body_parts import LineParser
from imagemood.serve.service import Service
from imagemood.serve.settings import Limits, Settings
from imagemood.serve.uploads import parse_line

QUERY = MoodsQuery(1, 0, PredictionOptions())
INVALID = b"{}\n"


def line(content, **fields):
    return json.dumps({"base64": base64.b64encode(content).decode(), **fields}).encode() + b"\n"


class Client:
    """Sends chunks, and reads the response while `reads` is set."""

    def __init__(self, service, *chunks, ends=True, is_forwarded=False):
        self.service = service
        self.is_forwarded = is_forwarded
        self.n_taken = 0
        self.reads = asyncio.Event()
        self.reads.set()
        self.content = b""
        self.is_complete = False
        self._messages = asyncio.Queue()
        self.feed(*chunks, ends=ends)

    def feed(self, *chunks, ends=False):
        for chunk in chunks:
            self._messages.put_nowait({"type": "http.request", "body": chunk, "more_body": True})
        if ends:
            self._messages.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    def disconnect(self):
        self._messages.put_nowait({"type": "http.disconnect"})

    async def receive(self):
        self.n_taken += 1
        await asyncio.sleep(0)
        return await self._messages.get()

    async def send(self, message):
        await self.reads.wait()
        self.content += message.get("body", b"")
        self.is_complete = not message.get("more_body", message["type"] == "http.response.start")

    async def run(self):
        limits = self.service.settings.limits
        start = {"type": "http.response.start", "status": 200, "headers": []}
        lines = Answers(start, {"name": "m"}, is_forwarded=self.is_forwarded)
        parse = lambda content: parse_line(content, limits)  # noqa: E731
        await PictureStream(self.service, QUERY, LineParser(limits.max_bytes), parse, lines).run(
            self.receive, self.send
        )

    @property
    def lines(self):
        return [json.loads(entry) for entry in self.content.splitlines()]


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def own_service(runner):
    """A service whose locks belong to the event loop of these tests."""
    service = Service(Settings(limits=Limits(decode_timeout_s=20)))
    yield service
    runner.run(service.close())


@pytest.fixture
def run(runner, own_service):
    """Run a scenario; afterwards, no memory may be held, and no picture may wait."""

    def run(scenario):
        runner.run(scenario())
        assert own_service.memory.n_bytes == 0
        runner.run(until(lambda: own_service.engine.pictures.n_waiting == 0))

    return run


@pytest.mark.parametrize("has_many_answers", [False, True])
def test_the_response_to_a_proxy_waits_for_the_request_unless_it_is_large(
    own_service, run, has_many_answers, monkeypatch
):
    monkeypatch.setattr(answers, "_MAX_HELD_BYTES", 10 if has_many_answers else 2_000_000)

    async def scenario():
        client = Client(own_service, INVALID, ends=False, is_forwarded=True)
        task = asyncio.ensure_future(client.run())
        await until(lambda: client.n_taken == 2)
        await asyncio.sleep(0.05)
        assert len(client.lines) == has_many_answers
        client.feed(ends=True)
        await task
        assert [entry.get("index") for entry in client.lines] == [0, None]

    run(scenario)


def test_pictures_are_answered_while_others_arrive(own_service, run, photos):
    async def scenario():
        client = Client(own_service, line(photos["rocket.jpg"], name="first"), ends=False)
        task = asyncio.ensure_future(client.run())
        await until(lambda: client.lines)
        assert client.lines[0]["image"] == "first"
        assert not client.is_complete
        client.disconnect()
        await task

    run(scenario)


def test_a_client_that_does_not_read_is_not_read_from(own_service, run, monkeypatch):
    monkeypatch.setattr(picture_stream, "MAX_UNREAD_BYTES", 10_000)

    async def scenario():
        client = Client(own_service, *[INVALID] * 3000)
        client.reads.clear()
        task = asyncio.ensure_future(client.run())
        await asyncio.sleep(0.2)
        n_taken = client.n_taken
        assert 50 < n_taken < 300
        await asyncio.sleep(0.1)
        assert client.n_taken == n_taken
        client.reads.set()
        await task
        assert sorted(entry["index"] for entry in client.lines[:-1]) == list(range(3000))
        assert client.lines[-1]["summary"]["failed"] == 3000

    run(scenario)


def test_few_pictures_are_in_progress_at_a_time(own_service, run, photos, monkeypatch):
    monkeypatch.setattr(picture_stream, "MAX_PICTURES", 3)
    in_progress = []
    predict = own_service.engine.predict_in_background

    async def observe(*arguments):
        in_progress.append(own_service.memory.n_bytes)
        return await predict(*arguments)

    monkeypatch.setattr(own_service.engine, "predict_in_background", observe)
    content = line(photos["rocket.jpg"])

    async def scenario():
        client = Client(own_service, *[content] * 9)
        await client.run()
        assert client.lines[-1]["summary"] == {"model": {"name": "m"}, "pictures": 9, "failed": 0, "error": None}

    run(scenario)
    per_picture = len(content) + len(photos["rocket.jpg"]) + own_service.engine.picture_bytes
    assert max(in_progress) < 6 * per_picture


@pytest.mark.parametrize("has_answers", [True, False])
def test_pictures_in_progress_are_cancelled_when_the_client_disconnects(own_service, run, photos, has_answers):
    async def scenario():
        client = Client(own_service, *[line(photos["coffee.png"])] * 20)
        task = asyncio.ensure_future(client.run())
        if has_answers:
            await until(lambda: client.lines)
        client.disconnect()
        await task
        assert not client.is_complete
        assert len(client.lines) < 20

    run(scenario)


def test_the_pictures_are_counted(own_service, run, photos):
    def counts():
        lines = own_service.metrics.render().decode().splitlines()
        names = ("imagemood_moods_total{", "imagemood_picture_errors_total ")
        return [sum(float(line.split()[-1]) for line in lines if line.startswith(name)) for name in names]

    async def scenario():
        await Client(own_service, line(photos["rocket.jpg"]), line(photos["coffee.png"]), line(b"text")).run()

    before = counts()
    run(scenario)
    assert [after - start for after, start in zip(counts(), before, strict=True)] == [2, 1]


def test_the_summary_says_that_the_service_stops(own_service, run, photos):
    async def scenario():
        client = Client(own_service, line(photos["rocket.jpg"]), ends=False)
        task = asyncio.ensure_future(client.run())
        await until(lambda: client.lines)
        task.cancel()
        await task
        assert client.is_complete
        assert client.lines[-1]["summary"]["error"]["status"] == 503
        assert "the service is stopping" in client.lines[-1]["summary"]["error"]["detail"]

    run(scenario)


def test_a_picture_whose_memory_is_needed_is_given_up_and_the_others_are_not(own_service, run, photos):
    content = line(photos["rocket.jpg"])

    async def scenario():
        client = Client(own_service, content[:5000], ends=False)
        task = asyncio.ensure_future(client.run())
        await until(lambda: own_service.memory.n_bytes)
        (held,) = own_service.memory._evictable
        held.evict()
        assert own_service.memory.n_bytes == 0
        client.feed(content[5000:], content, ends=True)
        await task
        errors = {entry["index"]: entry.get("error") for entry in client.lines[:-1]}
        assert errors[0]["detail"].startswith("the picture arrives slowly")
        assert errors[1] is None

    run(scenario)


def test_pictures_wait_for_memory(own_service, run, photos, monkeypatch):
    content = line(photos["rocket.jpg"])
    monkeypatch.setattr(own_service.memory, "max_bytes", 1_500_000)
    # A picture takes about a third of this memory.

    async def scenario():
        with own_service.memory.hold() as others:
            others.add(1_500_000)
            asyncio.get_running_loop().call_later(0.1, others.release)
            client = Client(own_service, *[content] * 6)
            await client.run()
            assert client.lines[-1]["summary"]["failed"] == 0

    run(scenario)


def test_pictures_for_which_there_is_no_memory_are_errors(own_service, run, photos, monkeypatch):
    content = line(photos["rocket.jpg"])
    limits = dataclasses.replace(own_service.settings.limits, response_timeout_s=0.1)
    monkeypatch.setattr(own_service, "settings", dataclasses.replace(own_service.settings, limits=limits))

    async def scenario():
        with own_service.memory.hold() as others:
            others.add(own_service.memory.max_bytes)
            client = Client(own_service, content[:9000], content[9000:], INVALID)
            await client.run()
            assert [entry["error"]["status"] for entry in client.lines[:-1]] == [503, 503]

    run(scenario)


def test_the_time_for_a_picture_to_arrive_is_limited(own_service, run, photos, monkeypatch):
    limits = dataclasses.replace(own_service.settings.limits, body_timeout_s=1.5)
    monkeypatch.setattr(own_service, "settings", dataclasses.replace(own_service.settings, limits=limits))
    content = line(photos["rocket.jpg"])

    async def scenario():
        silent = Client(own_service, content[:100], ends=False)
        with pytest.raises(Problem, match="no complete picture arrived within 1.5 s") as caught:
            await silent.run()
        assert (caught.value.status, caught.value.headers) == (408, {"Connection": "close"})
        client = Client(own_service, ends=False)
        task = asyncio.ensure_future(client.run())
        for number in range(1, 5):  # slower than the limit as a whole
            await asyncio.sleep(0.4)
            client.feed(content)
            await until(lambda number=number: len(client.lines) == number)
        async with asyncio.timeout(60):
            while not task.done():
                client.feed(b"{")
                await asyncio.sleep(0.1)
        await task
        assert client.lines[-1]["summary"]["pictures"] == 4
        assert client.lines[-1]["summary"]["error"]["status"] == 408

    run(scenario)


def test_an_unexpected_error_concerns_one_picture(own_service, run, photos, monkeypatch, caplog):
    predict = own_service.engine.predict_in_background

    async def fail_once(*arguments):
        monkeypatch.setattr(own_service.engine, "predict_in_background", predict)
        raise ZeroDivisionError

    monkeypatch.setattr(own_service.engine, "predict_in_background", fail_once)

    async def scenario():
        client = Client(own_service, *[line(photos["rocket.jpg"])] * 2)
        await client.run()
        assert client.lines[-1]["summary"]["failed"] == 1
        assert [entry["error"]["status"] for entry in client.lines[:-1] if "error" in entry] == [500]

    run(scenario)
    assert "ZeroDivisionError" in caplog.text
