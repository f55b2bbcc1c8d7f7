"""What operators ask: is it alive, is it ready, how is it doing."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from imagemood.serve.problems import Problem, described
from imagemood.serve.service import Service


def router(service: Service) -> APIRouter:
    """Give the routes for operators.

    Parameters
    ----------
    service : Service
        What is asked about.

    Returns
    -------
    APIRouter
        The routes.
    """
    routes = APIRouter(tags=["Operations"])

    @routes.get("/healthz", summary="Is the process alive?", response_class=PlainTextResponse)
    async def healthz() -> str:
        return "ok\n"

    @routes.get(
        "/readyz",
        summary="Does it take requests?",
        response_class=PlainTextResponse,
        responses=described(503),
    )
    async def readyz() -> str:
        if not service.is_ready:
            raise Problem(503, "the service is starting or stopping")
        service.engine.pictures.check_room()
        return "ok\n"

    @routes.get("/metrics", summary="Figures for Prometheus.", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(service.metrics.page(), media_type=CONTENT_TYPE_LATEST)

    return routes
