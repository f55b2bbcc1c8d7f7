"""The routes of the OpenAPI document, and of the page that shows it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from imagemood.serve import description
from imagemood.serve.routes import PUBLIC
from imagemood.serve.service import Service


def create_router(service: Service) -> APIRouter:  # noqa: ARG001
    """Create the routes of this group."""
    router = APIRouter(include_in_schema=False)

    @router.get(description.PATH, openapi_extra=PUBLIC)
    async def document(request: Request) -> Response:
        found: description.Description = request.app.state.description
        return found.respond(request)

    return router
