from __future__ import annotations

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.responses import PlainTextResponse, Response

from imagemood.errors import InputError
from imagemood.serve.asgi.direct_routes import DirectRoutes, direct_endpoint
from imagemood.serve.problems import Problem, add_handlers
from tests.serve.serving import send_to

ROUTER = APIRouter(prefix="/r")


@ROUTER.post("/plain")
async def plain(request: Request) -> Response:
    return PlainTextResponse(f"{request.scope['route'].path} {await request.body()!r}")


@ROUTER.post("/fail")
async def fail(request: Request) -> Response:
    if await request.body():
        raise Problem(415, "not this one")
    raise InputError("no body")


@ROUTER.post("/parameter")
async def parameter(request: Request, top: int = 3) -> Response:
    return PlainTextResponse(str(top))


@ROUTER.post("/{name}/path")
async def path(request: Request) -> Response:
    return PlainTextResponse(request.path_params["name"])


@ROUTER.post("/model")
async def model(request: Request) -> dict[str, str]:
    return {"path": request.url.path}


@ROUTER.post("/status", status_code=201)
async def status(request: Request) -> PlainTextResponse:
    return PlainTextResponse("", 201)


@ROUTER.post("/dependency", dependencies=[Depends(lambda: None)])
async def dependency(request: Request) -> Response:
    return PlainTextResponse("")


@ROUTER.post("/thread")
def thread(request: Request) -> Response:
    return PlainTextResponse("thread")


@pytest.fixture(scope="module")
def app():
    app = FastAPI()
    add_handlers(app)
    app.include_router(ROUTER)
    app.add_middleware(DirectRoutes, routers=[ROUTER])
    return app


def test_routes_that_take_only_the_request_and_return_a_response_are_direct():
    direct = {route.path for route in ROUTER.routes if direct_endpoint(route) is not None}
    assert direct == {"/r/plain", "/r/fail", "/r/{name}/path"}


@pytest.mark.parametrize(
    ("target", "content", "status", "text"),
    [
        ("/r/plain", b"x", 200, "/r/plain b'x'"),
        ("/r/fail", b"x", 415, "not this one"),
        ("/r/fail", b"", 422, "no body"),
        ("/r/parameter?top=5", b"", 200, "5"),
        ("/r/a/path", b"", 200, "a"),
        ("/r/model", b"", 200, '{"path":"/r/model"}'),
        ("/r/status", b"", 201, ""),
        ("/r/dependency", b"", 200, ""),
        ("/r/thread", b"", 200, "thread"),
        ("/r/other", b"", 404, "no such route"),
    ],
)
def test_direct_and_other_routes_respond(app, target, content, status, text):
    response = send_to(app, "POST", target, content=content)
    assert response.status_code == status
    assert text in response.text


def test_other_methods_are_not_allowed(app):
    assert send_to(app, "GET", "/r/plain").status_code == 405
