"""The ASGI application, with the routes of all modules in `imagemood.serve.routes` and the middleware."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp

import imagemood
from imagemood.serve import problems, routes
from imagemood.serve.asgi.direct_routes import DirectRoutes
from imagemood.serve.asgi.forwarded import ForwardedRequests
from imagemood.serve.asgi.hosts import AllowedHosts
from imagemood.serve.asgi.middleware import RequestMiddleware, TokenMiddleware
from imagemood.serve.asgi.query_check import QueryCheck
from imagemood.serve.asgi.request_check import RequestCheck
from imagemood.serve.openapi_description import TAGS, OpenApiDescription, operation_id
from imagemood.serve.routes import PUBLIC
from imagemood.serve.service import Service
from imagemood.serve.settings import Settings

_ALLOWED_HEADERS = ["Authorization", "Content-Type", "Content-Encoding", "Accept", "If-None-Match", "X-Request-ID"]
_EXPOSED_HEADERS = ["X-Request-ID", "X-Unknown-Tag-Rows", "Retry-After", "ETag"]


class _Application(FastAPI):
    """An application whose middleware comes before that of FastAPI, which the direct routes skip."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.add_outer_middleware: Callable[[ASGIApp], ASGIApp] = lambda app: app

    def build_middleware_stack(self) -> ASGIApp:
        """Return the application with all middleware.

        `RequestMiddleware` responds to unexpected errors in place of Starlette's `ServerErrorMiddleware`.
        """
        app = super().build_middleware_stack()
        if isinstance(app, ServerErrorMiddleware):
            app = app.app
        return self.add_outer_middleware(app)


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
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        app.state.openapi_description.prepare()
        service.is_ready = True
        yield {"memory": service.memory, "service": service, "retry_after_s": service.retry_after_s}
        await service.close()

    app = _Application(
        title="image-mood-classifier",
        summary="Classifies pictures by the mood that they evoke.",
        version=imagemood.__version__,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url=None,  # imagemood.serve.routes.api_description has its route, and that of a page
        openapi_tags=TAGS,
        generate_unique_id_function=operation_id,
        redirect_slashes=False,  # clients would repeat a POST request without its body, or over HTTP
        responses=problems.problem_responses(400, 421, 422),  # of RequestCheck and QueryCheck
        lifespan=lifespan,
    )
    app.state.metrics = service.metrics
    app.state.openapi_description = OpenApiDescription(app, needs_token=settings.token is not None)
    app.openapi = lambda: app.state.openapi_description.document  # type: ignore[method-assign]
    problems.add_handlers(app, service.retry_after_s)
    routers = create_routers(service)
    for router in routers:
        app.include_router(router)
    app.add_outer_middleware = partial(_add_middleware, describe=app.openapi, service=service, routers=routers)
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


def _add_middleware(
    app: ASGIApp, *, describe: Callable[[], dict[str, Any]], service: Service, routers: list[APIRouter]
) -> ASGIApp:
    """Return the application with our middleware; the last one is the outermost."""
    settings = service.settings
    app = DirectRoutes(app, routers=routers, retry_after_s=service.retry_after_s)
    app = QueryCheck(app, describe=describe)
    if settings.token is not None:
        app = TokenMiddleware(app, token=settings.token, public_routes=public_routes(routers))
    if settings.cors:
        app = CORSMiddleware(
            app,
            allow_origins=list(settings.cors),
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=_ALLOWED_HEADERS,
            expose_headers=_EXPOSED_HEADERS,
            allow_private_network=True,
        )
    hosts = AllowedHosts(settings.allowed_hosts, settings.host)
    app = RequestCheck(app, hosts=hosts, allowed_origins=settings.cors)
    own_paths = [getattr(route, "path", "") for router in routers for route in router.routes]
    app = ForwardedRequests(app, settings.forwarded_allow_ips, settings.root_path, own_paths)
    return RequestMiddleware(app, metrics=service.metrics, access_log=settings.access_log)
