from __future__ import annotations

import asyncio
import json
import socket
import time

import httpx
import pytest

from tests.serve.serving import PROTOBUF

BORNE = {"Authorization": "Bearer a-token-of-many-letters"}


def test_a_body_that_is_too_large_is_refused_by_its_length(narrow):
    answer = narrow.post("/v1/moods", content=bytes(300_000), headers=BORNE)
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["detail"] == "the body has more than 200,000 bytes"


def test_a_body_of_unknown_length_is_refused_when_it_grows_too_large(narrow):
    def chunks():
        for _ in range(30):
            yield bytes(10_000)

    assert (
        narrow.post("/classify", content=chunks(), headers={**BORNE, "Content-Type": PROTOBUF}).status_code == 413
    )


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(narrow, noise):
    answer = narrow.post("/v1/moods", content=noise, headers=BORNE)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "image: has 1000×1000 pixels, more than 500,000"


def test_too_many_pictures_in_a_request(narrow):
    files = [("f", (f"{i}.png", b"x")) for i in range(3)]
    assert narrow.post("/v1/moods", files=files, headers=BORNE).status_code == 413
    images = {"images": [{"base64": "eA=="}] * 3}
    assert narrow.post("/v1/moods", json=images, headers=BORNE).status_code == 413
    given = {"inputs": [{"name": "image", "shape": [3], "datatype": "BYTES", "data": ["eA=="] * 3}]}
    assert narrow.post("/v2/models/mood/infer", json=given, headers=BORNE).status_code == 413


def raw(served, head, body=b""):
    """Speak to the service byte by byte, as no client library would."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + body)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def test_a_body_that_does_not_come_is_waited_for_within_limits(narrow):
    head = f"POST /v1/moods HTTP/1.1\nHost: x\nAuthorization: {BORNE['Authorization']}\nContent-Length: 1000\n\n"
    start = time.monotonic()
    answer = raw(narrow, head, b"only this")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"the body did not arrive within 1 s" in answer
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "head",
    [
        "GARBAGE\n\n",
        "POST /v1/moods HTTP/1.1\nHost: x\nContent-Length: -1\n\n",
        "POST /v1/moods HTTP/1.1\nHost: x\nContent-Length: 1\nTransfer-Encoding: chunked\n\n",
        "GET / HTTP/9.9\n\n",
    ],
)
def test_what_is_no_http_is_answered_or_cut_off_and_harms_nobody(service, head):
    answer = raw(service, head.replace("Host: x\n", "Host: x\nConnection: close\n"))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert service.get("/healthz").status_code == 200


def test_no_path_leads_to_a_file(service):
    for path in (
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/assets/../../app.py",
        "/app.py",
    ):
        answer = raw(service, f"GET {path} HTTP/1.1\nHost: x\nConnection: close\n\n")
        assert answer.startswith(b"HTTP/1.1 404 "), path


async def flood(served, content, n_requests):
    limits = httpx.Limits(max_connections=n_requests)
    async with httpx.AsyncClient(base_url=served.address, limits=limits, timeout=60) as client:
        ask = (client.post("/v1/moods?explain=tags", content=content, headers=BORNE) for _ in range(n_requests))
        return await asyncio.gather(*ask)


def test_more_than_can_wait_is_refused_at_once_and_what_was_taken_is_answered(narrow, photos):
    """Sixty at once against a queue of four: each gets its answer, and the service goes on."""
    content = photos["rocket.jpg"]
    answers = asyncio.run(flood(narrow, content, 60))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 503}
    for answer in answers:
        if answer.status_code == 503:
            assert answer.headers["Retry-After"] == "1"
            assert answer.headers["Content-Type"] == "application/problem+json"
        else:
            assert len(answer.json()["results"][0]["moods"]) == 8
    assert narrow.post("/v1/moods", content=content, headers=BORNE).status_code == 200
    metrics = narrow.get("/metrics", headers=BORNE).text
    assert f'imagemood_problems_total{{status="503"}} {statuses.count(503)}.0' in metrics
    line = next(line for line in narrow.log.read_text().splitlines() if '"status": 503' in line)
    assert json.loads(line)["path"] == "/v1/moods"
