from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import Request

from imagemood.errors import OverloadedError
from imagemood.serve import memory
from imagemood.serve.memory import MemoryInFlight
from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.bodies import BodyReader
from imagemood.serve.settings import Limits
from tests.serve.serving import AUTHORIZATION, PROTOBUF, send_raw, serving


def request(*chunks, headers=()):
    """Create a request whose body arrives in chunks; None stands for a client that disconnects."""
    messages = iter(chunks)

    async def receive():
        chunk = next(messages)
        if chunk is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": chunk != b""}

    return Request({"type": "http", "method": "POST", "headers": list(headers)}, receive)


def body_reader(**limits):
    """Create a reader with other limits than the default ones."""
    limits = Limits(**limits)
    return BodyReader(limits, MemoryInFlight(limits.max_held_bytes))


async def read(reader, request, max_bytes=None):
    async with reader.read(request, max_bytes) as body:
        return body.content


def test_a_body_is_read_in_chunks():
    assert asyncio.run(read(body_reader(), request(b"ab", b"c", b""))) == b"abc"


@pytest.mark.parametrize("max_bytes", [None, 4, 5000])
def test_the_stricter_limit_applies(max_bytes):
    limit = min(max_bytes or 5, 5)
    reader = body_reader(max_bytes=5)
    assert asyncio.run(read(reader, request(b"x" * limit, b""), max_bytes)) == b"x" * limit
    with pytest.raises(Problem, match=f"the body is larger than {limit} bytes") as caught:
        asyncio.run(read(reader, request(b"x" * limit, b"y", b""), max_bytes))
    assert (caught.value.status, caught.value.headers) == (413, {"Connection": "close"})


@pytest.mark.parametrize(("limit", "n_left"), [(10, 0), (5, 1)])  # the fourth part is beyond the limit on the rest
def test_the_rest_of_a_body_that_is_too_large_is_received_before_the_response_within_limits(limit, n_left):
    chunks = [b"x" * 5] * 4 + [b""]

    async def receive():
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    too_large = Request({"type": "http", "method": "POST", "headers": []}, receive)
    with pytest.raises(Problem, match=f"larger than {limit} bytes"):
        asyncio.run(read(body_reader(max_bytes=limit), too_large))
    assert len(chunks) == n_left


def test_a_client_that_reads_the_response_after_it_has_sent_a_long_body_receives_it(limited_service):
    """The client of the standard library fails if the connection is closed while it sends."""

    def chunks():
        for _ in range(12):
            time.sleep(0.25)
            yield bytes(300_000)

    def send(path):
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", limited_service.port, timeout=30)
        ) as client:
            client.request(
                "POST", path, chunks(), {**AUTHORIZATION, "Transfer-Encoding": "chunked"}, encode_chunked=True
            )
            return client.getresponse().status

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, ("/v1/moods", "/nowhere"))) == [413, 404]


def test_a_declared_length_over_the_limit_is_refused_before_the_body_is_read():
    headers = [(b"content-length", b"6")]
    with pytest.raises(Problem, match="larger than 5 bytes"):
        asyncio.run(read(body_reader(max_bytes=5), request(headers=headers)))


def test_a_client_that_disconnects_is_a_problem_of_its_own():
    with pytest.raises(Problem, match="the client disconnected") as caught:
        asyncio.run(read(body_reader(), request(b"ab", None)))
    assert caught.value.status == 400


def test_all_bodies_together_are_limited_until_they_are_released():
    async def scenario():
        reader = body_reader(max_held_bytes=10)
        async with reader.read(request(b"x" * 6, b"")):
            with pytest.raises(Problem, match="too large") as caught:
                await read(reader, request(b"x" * 5, b""))
            assert (caught.value.status, caught.value.headers["Connection"]) == (503, "close")
            assert await read(reader, request(b"x" * 4, b"")) == b"xxxx"
        assert await read(reader, request(b"x" * 10, b"")) == b"x" * 10

    asyncio.run(scenario())


def test_a_body_that_arrives_slowly_is_given_up_if_its_memory_is_needed(monkeypatch):
    monkeypatch.setattr(memory, "MIN_AGE_S", 0)

    async def scenario():
        reader, n_received = body_reader(max_held_bytes=10), 0

        async def receive():
            nonlocal n_received
            n_received += 1
            if n_received > 1:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": b"x" * 8, "more_body": True}

        slow = asyncio.create_task(
            read(reader, Request({"type": "http", "method": "POST", "headers": []}, receive))
        )
        while n_received < 2:
            await asyncio.sleep(0)
        assert await read(reader, request(b"x" * 10, b"")) == b"x" * 10
        with pytest.raises(Problem, match="the body arrives slowly") as caught:
            await slow
        assert caught.value.status == 503

    asyncio.run(scenario())


def test_a_body_that_stops_arriving_is_refused():
    async def scenario():
        never = asyncio.Event()

        async def receive():
            await never.wait()

        stalled = Request({"type": "http", "method": "POST", "headers": []}, receive)
        with pytest.raises(Problem, match="did not arrive within 0.01 s") as caught:
            await read(body_reader(body_timeout_s=0.01), stalled)
        assert caught.value.status == 408

    asyncio.run(scenario())


def test_only_large_bodies_are_parsed_in_another_thread_and_count_several_times():
    async def scenario():
        reader, threads = body_reader(max_held_bytes=1_500_000), []
        for n_bytes in (200_000, 200_001):
            async with reader.read(request(bytes(n_bytes), b"")) as body:
                threads.append(await reader.parse(body, threading.get_ident))
        async with reader.read(request(bytes(250_000), b"")) as body:
            with pytest.raises(OverloadedError):
                await reader.parse(body, threading.get_ident)
        return threads

    small, large = asyncio.run(scenario())
    assert small == threading.get_ident() != large


def test_a_large_body_is_refused_by_its_declared_length(limited_service):
    response = limited_service.post("/v1/moods", content=bytes(300_000), headers=AUTHORIZATION)
    assert (response.status_code, response.headers["Content-Type"]) == (413, "application/problem+json")
    assert response.json()["detail"] == "the body is larger than 200,000 bytes"


def test_a_large_body_of_undeclared_length_is_refused(limited_service):
    chunks = (bytes(10_000) for _ in range(30))
    headers = {**AUTHORIZATION, "Content-Type": PROTOBUF}
    assert limited_service.post("/classify", content=chunks, headers=headers).status_code == 413


def test_a_picture_with_too_many_pixels_is_refused(limited_service, megapixel_png):
    response = limited_service.post("/v1/moods", content=megapixel_png, headers=AUTHORIZATION)
    assert response.status_code == 422
    assert "1000×1000 pixels" in response.json()["detail"]
    assert "500,000" in response.json()["detail"]


def test_too_many_pictures_in_a_request_are_refused(limited_service):
    files = [("f", (f"{i}.png", b"x")) for i in range(3)]
    json_body = {"images": [{"base64": "eA=="}] * 3}
    tensors = {"inputs": [{"name": "image", "shape": [3], "datatype": "BYTES", "data": ["eA=="] * 3}]}
    for path, body in (
        ("/v1/moods", {"files": files}),
        ("/v1/moods", {"json": json_body}),
        ("/v2/models/mood/infer", {"json": tensors}),
    ):
        response = limited_service.post(path, headers=AUTHORIZATION, **body)
        assert response.status_code == 413
        assert response.json()["detail"] == "the request has 3 pictures; the limit is 2"


def test_a_stalled_client_gets_a_response(limited_service):
    token = AUTHORIZATION["Authorization"]
    head = f"POST /v1/moods HTTP/1.1\nHost: localhost\nAuthorization: {token}\nContent-Length: 1000\n\n"
    response = send_raw(limited_service, head, b"only this")
    assert response.startswith(b"HTTP/1.1 408 ")
    assert b"the body did not arrive within 1 s" in response


@pytest.mark.parametrize(
    "head",
    [
        "GARBAGE\n\n",
        "POST /v1/moods HTTP/1.1\nHost: localhost\nContent-Length: -1\n\n",
        "POST /v1/moods HTTP/1.1\nHost: localhost\nContent-Length: 1\nTransfer-Encoding: chunked\n\n",
        "GET / HTTP/9.9\n\n",
    ],
)
def test_invalid_http_is_refused_without_affecting_others(service, head):
    response = send_raw(service, head.replace("Host: localhost\n", "Host: localhost\nConnection: close\n"))
    assert response == b"" or response.startswith(b"HTTP/1.1 4")
    assert service.get("/healthz").status_code == 200


@pytest.fixture(scope="module")
def service_with_a_short_queue(tmp_path_factory):
    """A running service that refuses most concurrent requests, and gives slow bodies time to arrive."""
    with serving(tmp_path_factory.mktemp("short_queue"), "--queue", "4", "--max-images", "2") as running:
        yield running


async def send_concurrently(service, content, n_requests):
    limits = httpx.Limits(max_connections=n_requests)
    async with httpx.AsyncClient(base_url=service.address, limits=limits, timeout=60) as client:
        path = "/v1/moods?explain=tags"
        return await asyncio.gather(*(client.post(path, content=content) for _ in range(n_requests)))


def test_under_overload_each_request_gets_a_response(service_with_a_short_queue, photos):
    """Sixty concurrent requests meet a queue of four."""
    service, content = service_with_a_short_queue, photos["rocket.jpg"]
    responses = asyncio.run(send_concurrently(service, content, 60))
    statuses = [response.status_code for response in responses]
    assert set(statuses) == {200, 503}
    for response in responses:
        if response.status_code == 503:
            assert 1 <= int(response.headers["Retry-After"]) <= 30  # seconds; it depends on the speed
            assert response.headers["Content-Type"] == "application/problem+json"
        else:
            assert len(response.json()["results"][0]["moods"]) == 8
    assert service.post("/v1/moods", content=content).status_code == 200
    metrics = service.get("/metrics").text
    assert f'imagemood_problems_total{{status="503"}} {statuses.count(503)}.0' in metrics
    line = next(line for line in service.log.read_text().splitlines() if '"status": 503' in line)
    assert json.loads(line)["path"] == "/v1/moods"
