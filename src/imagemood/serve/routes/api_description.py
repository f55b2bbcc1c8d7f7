"""The routes of the OpenAPI document, and of the page that shows it."""

from __future__ import annotations

import mimetypes
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from imagemood.serve import openapi_description
from imagemood.serve.asgi.fixed_content import FixedContent
from imagemood.serve.routes import PUBLIC
from imagemood.serve.service import Service

_PAGE = Path(__file__).parents[1] / "api_page"
_OWN_FILES = ("style.css", "start.js")
_SWAGGER_UI_FILES = ("swagger-ui.css", "swagger-ui-bundle.js")
_SWAGGER_UI_PACKAGE = "fastapi_offline"  # which contains these files


def create_router(service: Service) -> APIRouter:  # noqa: ARG001
    """Create the routes of this group."""
    router = APIRouter(include_in_schema=False)

    @router.get(openapi_description.PATH, openapi_extra=PUBLIC)
    async def document(request: Request) -> Response:
        found: openapi_description.OpenApiDescription = request.app.state.openapi_description
        return found.respond(request)

    _add_file(router, "/docs", _PAGE / "index.html")
    for name in _OWN_FILES:
        _add_file(router, f"/docs/{name}", _PAGE / name)
    swagger_ui = find_spec(_SWAGGER_UI_PACKAGE)
    for folder in (swagger_ui and swagger_ui.submodule_search_locations) or ():
        for name in _SWAGGER_UI_FILES:
            _add_file(router, f"/docs/{name}", Path(folder) / "static" / name)
    return router


def _add_file(router: APIRouter, url_path: str, file: Path) -> None:
    def respond(request: Request) -> Response:
        return _content(file).respond(request)

    router.add_api_route(url_path, respond, methods=["GET"], openapi_extra=PUBLIC)


@cache
def _content(file: Path) -> FixedContent:
    """Read and compress a file when it is first requested, since few users of the service need it."""
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return FixedContent(file.read_bytes(), media_type, {"Cache-Control": "no-cache"})
