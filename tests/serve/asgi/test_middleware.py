from __future__ import annotations

import asyncio
import json
import logging
import re

import httpx
import pytest

from imagemood.serve.asgi.middleware import RequestMiddleware, TokenMiddleware
from imagemood.serve.metrics import Metrics
from tests.serve.serving import AUTHORIZATION, PROTOBUF, TOKEN, send_raw

PUBLIC_PATHS = ("/", "/healthz", "/readyz", "/v2/health/live", "/v2/health/ready", "/openapi.json")
PROTECTED_PATHS = (
    "/v1/labels",
    "/v1/samples",
    "/metrics",
    "/v2",
    "/v2/models/mood",
    "/model/artifacts/metadata",
    "/nowhere",
)


def call(app, path="/", method="GET", headers=()):
    """Send a request to an ASGI application and return the messages of the response."""
    messages = []

    async def send(message):
        messages.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
    asyncio.run(app(scope, None, send))
    return messages


async def respond(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})
    await send({"type": "http.response.body", "body": b"b"})


def test_a_request_is_logged_and_counted_before_its_response_ends(capsys):
    """A client that has the whole response may look for its line in the log immediately."""
    metrics, seen = Metrics(), []
    count = b'imagemood_requests_total{method="GET",route="other",status="200"} 1.0'

    async def send(message):
        seen.append((message.get("body"), capsys.readouterr().err.count("\n"), count in metrics.render()))

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    asyncio.run(RequestMiddleware(respond, metrics, access_log=True)(scope, None, send))
    assert seen == [(None, 0, False), (b"a", 0, False), (b"b", 1, True)]
    assert capsys.readouterr().err == ""


def test_without_the_access_log_requests_are_counted_but_not_logged(capsys):
    metrics = Metrics()
    call(RequestMiddleware(respond, metrics, access_log=False), method="BREW")
    assert b'imagemood_requests_total{method="other",route="other",status="200"} 1.0' in metrics.render()
    assert capsys.readouterr().err == ""


def test_an_unexpected_error_is_a_problem_for_the_client_and_a_traceback_in_the_log(caplog):
    async def fail(scope, receive, send):
        raise ZeroDivisionError("secret")

    with caplog.at_level(logging.ERROR, "imagemood.serve"):
        start, body = call(RequestMiddleware(fail, Metrics(), access_log=False), "/v2/x")
    request_id = dict(start["headers"])[b"x-request-id"].decode()
    assert start["status"] == 500
    problem = json.loads(body["body"])
    assert problem["detail"] == f"internal error (request {request_id}; see the log of the service)"
    assert problem["error"] == problem["detail"]
    assert caplog.messages == [f"request {request_id} failed"]
    assert "ZeroDivisionError: secret" in caplog.text


def test_an_error_within_a_response_is_counted_once(caplog, capsys):
    async def break_off(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        raise ZeroDivisionError

    metrics = Metrics()
    messages = call(RequestMiddleware(break_off, metrics, access_log=True))
    assert [message["type"] for message in messages] == ["http.response.start", "http.response.body"]
    assert b'status="200"} 1.0' in metrics.render()
    assert b"imagemood_requests_in_flight 0.0" in metrics.render()
    assert capsys.readouterr().err.count('"status": 200') == 1


def test_other_protocols_pass_through_both_middlewares():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    wrapped = RequestMiddleware(TokenMiddleware(app, TOKEN, ()), Metrics(), access_log=True)
    asyncio.run(wrapped({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


def test_each_request_has_an_id_and_a_line_in_the_log(service):
    named = service.get("/v1/labels", headers={"X-Request-ID": "caller-7"})
    assert named.headers["X-Request-ID"] == "caller-7"
    forged = service.get("/healthz?secret=1", headers={"X-Request-ID": 'x"} {"forged'})
    assert re.fullmatch(r"[0-9a-f]{16}", forged.headers["X-Request-ID"])
    lines = [json.loads(line) for line in service.log.read_text().splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line["id"] == "caller-7"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/labels", 200)
    assert line["client"] == "127.0.0.1"
    assert line["ms"] > 0
    (line,) = [line for line in lines if line["id"] == forged.headers["X-Request-ID"]]
    assert line["path"] == "/healthz"


def test_the_token_protects_all_paths_but_the_public_ones(limited_service):
    for path in PUBLIC_PATHS:
        assert limited_service.get(path).status_code == 200, path
    for path in PROTECTED_PATHS:
        response = limited_service.get(path)
        assert response.status_code == 401, path
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert response.headers["Content-Type"] == "application/problem+json"
        expected = 404 if path == "/nowhere" else 200
        authorization = {"Authorization": f"bearer {TOKEN}"}
        assert limited_service.get(path, headers=authorization).status_code == expected, path
    for path in ("/classify", "/model/methods/classify"):
        assert limited_service.post(path, content=b"", headers={"Content-Type": PROTOBUF}).status_code == 401


@pytest.mark.parametrize(
    "value", ["", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", "Bearer", "Bearer ünknown"]
)
def test_invalid_tokens_are_refused(limited_service, value):
    assert limited_service.get("/v1/labels", headers={"Authorization": value.encode()}).status_code == 401


def test_the_method_and_path_of_a_public_route_are_compared_exactly():
    app = TokenMiddleware(respond, TOKEN, [("GET", "/healthz")])
    paths = ("/healthz", "/healthz/", "/HEALTHZ", "//healthz", "/healthz/../v1")
    assert [call(app, path)[0]["status"] for path in paths] == [200, 401, 401, 401, 401]
    assert call(app, "/healthz", "POST")[0]["status"] == 401


def test_neither_responses_nor_the_log_contain_the_token(limited_service):
    headers = {"Authorization": f"Bearer {TOKEN}x"}
    responses = [limited_service.get(path, headers=headers) for path in (*PUBLIC_PATHS, *PROTECTED_PATHS)]
    responses.append(limited_service.get("/v1/labels", headers=AUTHORIZATION))
    assert not any(TOKEN in response.text for response in responses)
    assert TOKEN not in limited_service.log.read_text()


def test_every_response_has_security_headers(service):
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


def test_only_allowed_origins_may_use_the_service(service, limited_service):
    friend, stranger = {"Origin": "https://friend.example"}, {"Origin": "https://stranger.example"}
    assert service.get("/v1/labels", headers=friend).headers["Access-Control-Allow-Origin"] == friend["Origin"]
    assert "Access-Control-Allow-Origin" not in service.get("/v1/labels", headers=stranger).headers
    assert "Access-Control-Allow-Origin" not in limited_service.get("/healthz", headers=friend).headers
    preflight = {
        **friend,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = httpx.options(f"{service.address}/v1/moods", headers=preflight)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == friend["Origin"]
    refusal = service.post("/v1/moods", content=b"x", headers=friend)
    assert refusal.status_code == 422
    assert refusal.headers["Access-Control-Allow-Origin"] == friend["Origin"]


def test_paths_in_requests_are_not_looked_up_on_disk(service):
    for path in (
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/assets/../../app.py",
        "/app.py",
    ):
        response = send_raw(service, f"GET {path} HTTP/1.1\nHost: localhost\nConnection: close\n\n")
        assert response.startswith(b"HTTP/1.1 404 "), path


def test_head_is_get_without_a_body(service, limited_service):
    paths = ["/", "/healthz", "/readyz", "/metrics", "/v1/labels", "/v1/samples", "/v1/samples/cat.jpg", "/v2"]
    paths += ["/v2/health/live", "/v2/models/mood", "/model/artifacts/protobuf", "/openapi.json"]
    for path in paths:
        get, head = service.get(path), httpx.head(service.address + path)
        assert (head.status_code, head.content) == (get.status_code, b"") == (200, b""), path
        if path != "/metrics":
            assert head.headers["Content-Length"] == get.headers["Content-Length"], path
        assert head.headers["Content-Type"] == get.headers["Content-Type"], path
    assert httpx.head(f"{service.address}/nowhere").status_code == 404
    assert httpx.head(f"{limited_service.address}/v1/labels").status_code == 401
    assert '"method": "HEAD", "path": "/healthz"' in service.log.read_text()
    assert 'method="HEAD",route="/healthz",status="200"' in service.get("/metrics").text
    refused = service.get("/v1/moods"), httpx.head(f"{service.address}/v1/moods")
    assert [(response.status_code, response.headers["Allow"]) for response in refused] == [(405, "POST")] * 2
    assert service.post("/healthz").headers["Allow"] == "GET, HEAD"


def test_a_slash_at_the_end_of_a_path_is_not_redirected(service, photos):
    responses = [service.get("/v1/labels/")]
    responses += [service.post(path, content=photos["rocket.jpg"]) for path in ("/v1/moods/?top=1", "//v1/moods")]
    for response in responses:
        assert response.status_code == 404
        assert "Location" not in response.headers
    assert service.get("/v1/labels/").json()["detail"] == "no such route; its path may not end with a slash"
