from __future__ import annotations

import asyncio
import json

import pytest

from imagemood.serve.asgi.forwarded import FORWARDED_HOSTS
from imagemood.serve.asgi.hosts import AllowedHosts
from imagemood.serve.asgi.request_check import RequestCheck

HOST = (b"host", b"localhost:8887")


async def respond(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def call(*headers, method="POST", http_version="1.1", path="/v1/moods", origins=(), **entries):
    """Return the status and the body of the response to a request with these headers."""
    messages = []

    async def send(message):
        messages.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers, "http_version": http_version}
    scope |= entries
    asyncio.run(RequestCheck(respond, AllowedHosts(), origins)(scope, None, send))
    start, body = messages
    return start["status"], json.loads(body["body"])


def test_ordinary_requests_pass():
    assert call(HOST)[0] == 200
    assert call(HOST, (b"origin", b"http://localhost:8887"))[0] == 200
    assert call(HOST, (b"accept", b"a"), (b"accept", b"b"))[0] == 200


def test_other_protocols_pass():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(RequestCheck(app, AllowedHosts(), ())({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_hosts_are_refused(method):
    status, problem = call((b"host", b"attacker.example"), method=method)
    assert status == 421
    assert problem["detail"] == (
        "this service has no host 'attacker.example' (imagemood serve --allowed-hosts attacker.example allows it)"
    )
    status, problem = call((b"host", b"attacker.example"), path="/v2/models/mood/infer")
    assert (status, problem["error"]) == (421, problem["detail"])


@pytest.mark.parametrize("value", [b"", b"a b", b"localhost:x", b"[::1", b"\xff", b"x" * 100_000])
def test_invalid_hosts_are_refused(value):
    assert call((b"host", value))[0] == 400


def test_only_clients_of_http_1_0_may_omit_the_host():
    assert call(http_version="1.0")[0] == 200
    assert call()[0] == 400
    assert call((b"host", b"attacker.example"), http_version="1.0")[0] == 421


@pytest.mark.parametrize("value", [b"localhost:8887", b"attacker.example"])
def test_a_repeated_host_is_refused(value):
    for headers in ([HOST, (b"host", value)], [(b"host", value), HOST]):
        status, problem = call(*headers)
        assert (status, problem["detail"]) == (400, "the header Host occurs more than once")


@pytest.mark.parametrize(
    "name", [b"content-type", b"authorization", b"origin", b"inference-header-content-length"]
)
def test_other_single_headers_may_not_be_repeated(name):
    assert call(HOST, (name, b"same-origin"), (name, b"same-origin"))[0] == 400


@pytest.mark.parametrize("value", [b"br", b"identity, gzip", b"\xff"])
def test_other_encodings_of_bodies_are_refused(value):
    status, problem = call(HOST, (b"content-encoding", value))
    assert status == 415
    assert problem["detail"].endswith("send gzip, deflate, zstd, or no compression")


@pytest.mark.parametrize("value", [b"", b"identity", b"Identity "])
def test_bodies_without_compression_pass(value):
    assert call(HOST, (b"content-encoding", value))[0] == 200


def test_pages_of_other_sites_are_refused():
    page = ((b"sec-fetch-site", b"cross-site"), (b"origin", b"https://friend.example"))
    status, problem = call(HOST, *page)
    assert status == 403
    assert problem["detail"] == (
        "pages of the origin https://friend.example may not use this service "
        "(imagemood serve --cors https://friend.example allows it)"
    )
    assert call(HOST, page[0])[1]["detail"] == "pages of other sites may not use this service"
    assert call(HOST, *page, method="GET")[0] == 200
    assert call(HOST, *page, origins=("https://friend.example",))[0] == 200
    assert call(HOST, *page, origins=("https://another.example",))[0] == 403


def test_long_origins_are_not_returned():
    status, problem = call(HOST, (b"origin", b"https://" + b"x" * 10_000))
    assert status == 403
    assert len(problem["detail"]) < 500


def test_the_host_that_a_proxy_states_must_be_allowed_as_well_and_is_that_of_the_page():
    origin = (b"origin", b"http://mood.localhost")
    assert call(HOST, origin)[0] == 403
    assert call(HOST, origin, **{FORWARDED_HOSTS: [b"mood.localhost"]})[0] == 200
    assert call(HOST, origin, **{FORWARDED_HOSTS: [b"attacker.example"]})[0] == 421
    assert call(HOST, origin, **{FORWARDED_HOSTS: [b"mood.localhost", b"attacker.example"]})[0] == 421
    attacker = (b"host", b"attacker.example")
    assert call(attacker, **{FORWARDED_HOSTS: [b"mood.localhost"]})[0] == 421
