from __future__ import annotations

import asyncio

import pytest

from imagemood.serve.metrics import Metrics
from imagemood.serve.middleware import Observed
from tests.serve.serving import PROTOBUF

BORNE = "a-token-of-many-letters"
OPEN = ("/", "/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/openapi.json")
CLOSED = ("/v1/labels", "/metrics", "/v2", "/v2/models/mood", "/model/artifacts/metadata")


def test_the_token_protects_the_routes_and_not_the_page_or_health(narrow):
    for path in OPEN:
        assert narrow.get(path).status_code == 200, path
    for path in CLOSED:
        answer = narrow.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert narrow.get(path, headers={"Authorization": f"bearer {BORNE}"}).status_code == 200
    for path in ("/classify", "/model/methods/classify"):
        assert narrow.post(path, content=b"", headers={"Content-Type": PROTOBUF}).status_code == 401


@pytest.mark.parametrize(
    "borne", ["", BORNE, f"Basic {BORNE}", f"Bearer {BORNE[:-1]}", "Bearer", "Bearer ünknown"]
)
def test_what_is_not_the_token(narrow, borne):
    assert narrow.get("/v1/labels", headers={"Authorization": borne.encode()}).status_code == 401


def test_the_token_is_in_no_answer_and_no_log(narrow):
    answers = [narrow.get(path, headers={"Authorization": f"Bearer {BORNE}x"}) for path in (*OPEN, *CLOSED)]
    assert not any(BORNE in answer.text for answer in answers)
    assert BORNE not in narrow.log.read_text()


def test_headers_of_every_answer(service):
    for path in ("/", "/v1/labels", "/nowhere"):
        headers = service.get(path).headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["img-src"] == "'self' data: blob:"
        assert policy["media-src"] == "'self' blob:"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["connect-src"] == ("'self' http: https:" if path == "/" else "'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Permissions-Policy"].startswith("camera=(self)")
        assert "server" not in headers


def test_pages_of_other_origins_are_let_in_only_where_the_operator_says(service, narrow):
    friend, stranger = {"Origin": "https://friend.example"}, {"Origin": "https://stranger.example"}
    assert service.get("/v1/labels", headers=friend).headers["Access-Control-Allow-Origin"] == friend["Origin"]
    assert "Access-Control-Allow-Origin" not in service.get("/v1/labels", headers=stranger).headers
    assert "Access-Control-Allow-Origin" not in narrow.get("/healthz", headers=friend).headers
    import httpx

    preflight = {
        **friend,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = httpx.options(f"{service.address}/v1/moods", headers=preflight)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == friend["Origin"]
    refusal = service.post("/v1/moods", content=b"x", headers=friend)
    assert refusal.status_code == 422
    assert refusal.headers["Access-Control-Allow-Origin"] == friend["Origin"]


def test_a_request_is_logged_and_counted_before_its_response_ends(capsys):
    """A client that has the whole response may look for its line at once."""
    metrics, seen = Metrics(), []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    async def send(message):
        count = 'imagemood_requests_total{method="GET",route="other",status="200"} 1.0'
        seen.append((message.get("body"), capsys.readouterr().err.count("\n"), count in metrics.page().decode()))

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(Observed(app, metrics, access_log=True)(scope, None, send))
    assert seen == [(None, 0, False), (b"a", 0, False), (b"b", 1, True)]
    assert capsys.readouterr().err == ""
