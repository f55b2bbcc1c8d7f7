from __future__ import annotations

import pytest

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
