"""The routes for operators: health, readiness and metrics."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from imagemood.serve.problems import problem_responses
from imagemood.serve.routes import PUBLIC
from imagemood.serve.service import Service


def create_router(service: Service) -> APIRouter:
    """Create the routes of this group."""
    router = APIRouter(tags=["Operations"])

    @router.get(
        "/healthz",
        summary="Whether the process is alive",
        response_class=PlainTextResponse,
        openapi_extra=PUBLIC,
    )
    async def healthz() -> str:
        return "ok\n"

    @router.get(
        "/readyz",
        summary="Whether the service accepts requests",
        response_class=PlainTextResponse,
        responses=problem_responses(503),
        openapi_extra=PUBLIC,
    )
    async def readyz() -> str:
        service.check_ready()
        service.engine.pictures.check_capacity()
        return "ok\n"

    @router.get("/metrics", summary="Metrics for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(service.metrics.render(), media_type=CONTENT_TYPE_LATEST)

    return router
