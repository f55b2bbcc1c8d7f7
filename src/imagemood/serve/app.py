"""The ASGI application, with the routes of all modules in `imagemood.serve.routes` and the middleware."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

import imagemood
from imagemood.serve import problems, routes
from imagemood.serve.hosts import AllowedHosts
from imagemood.serve.middleware import RequestMiddleware, TokenMiddleware
from imagemood.serve.request_check import RequestCheck
from imagemood.serve.routes import PUBLIC
from imagemood.serve.service import Service
from imagemood.serve.settings import Settings

_EXPOSED_HEADERS = ["X-Request-ID", "X-Unknown-Tag-Rows", "Retry-After"]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Load the models and create the application. By default, it serves the built-in models.

    Examples
    --------
    >>> create_app().url_path_for("healthz")
    '/healthz'
    """
    settings = settings or Settings()
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        service.is_ready = True
        yield {"memory": service.memory}
        await service.close()

    app = FastAPI(
        title="image-mood-classifier",
        summary="Classifies pictures by the mood that they evoke.",
        version=imagemood.__version__,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,  # FastAPI's own pages load scripts from other hosts
        redoc_url=None,
        responses=problems.problem_responses(400, 421),  # of RequestCheck
        lifespan=lifespan,
    )
    problems.add_handlers(app)
    routers = create_routers(service)
    for router in routers:
        app.include_router(router)
    _add_middleware(app, service, {("GET", str(app.openapi_url)), *public_routes(routers)})
    return app


def create_routers(service: Service) -> list[APIRouter]:
    """Create the router of each module in `imagemood.serve.routes`."""
    modules = (f"{routes.__name__}.{module.name}" for module in pkgutil.iter_modules(routes.__path__))
    return [importlib.import_module(module).create_router(service) for module in modules]


def public_routes(routers: Iterable[APIRouter]) -> set[tuple[str, str]]:
    """Return the methods and paths of the routes that are declared `PUBLIC`."""
    return {
        (method, route.path)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute) and (route.openapi_extra or {}).get("security") == PUBLIC["security"]
        for method in route.methods or ()
    }


def _add_middleware(app: FastAPI, service: Service, public: set[tuple[str, str]]) -> None:
    """Add the middleware; the last one added is the outermost."""
    settings = service.settings
    if settings.token is not None:
        app.add_middleware(TokenMiddleware, token=settings.token, public_routes=public)
        _declare_token(app)
    if settings.cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Accept", "X-Request-ID"],
            expose_headers=_EXPOSED_HEADERS,
            allow_private_network=True,
        )
    hosts = AllowedHosts(settings.allowed_hosts, settings.host)
    app.add_middleware(RequestCheck, hosts=hosts, allowed_origins=settings.cors)
    app.add_middleware(RequestMiddleware, metrics=service.metrics, access_log=settings.access_log)


def _declare_token(app: FastAPI) -> None:
    """Declare in the OpenAPI document that routes need the token unless they are declared as public."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["token"] = {"type": "http", "scheme": "bearer"}
        document["security"] = [{"token": []}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]
