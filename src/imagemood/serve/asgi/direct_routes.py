"""ASGI middleware that calls the functions of routes without parameters directly.

FastAPI looks for the route among all routes, and resolves parameters and dependencies. For routes that read the
request themselves, this takes as much time as the classification of a few tag rows.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import get_type_hints

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from imagemood._tracebacks import without_traceback
from imagemood.errors import MoodError
from imagemood.serve.problems import Problem, default_delay_s

Endpoint = Callable[[Request], Awaitable[Response]]


class DirectRoutes:
    """Calls the functions of routes that take only the request and return a response.

    It must be the innermost middleware. All other requests go to the application.

    Parameters
    ----------
    app : ASGI application
        The application.
    routers : iterable of APIRouter
        The routers of all routes.
    retry_after_s : callable
        Returns the value of ``Retry-After`` for the estimate of an error, or without one.
    """

    def __init__(
        self,
        app: ASGIApp,
        routers: Iterable[APIRouter],
        retry_after_s: Callable[[float | None], int] = default_delay_s,
    ) -> None:
        self._app = app
        self._retry_after_s = retry_after_s
        self._routes = {
            (method, route.path): (route, endpoint)
            for router in routers
            for route in router.routes
            if isinstance(route, APIRoute) and (endpoint := direct_endpoint(route)) is not None
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        found = None
        if scope["type"] == "http" and not scope.get("root_path"):
            found = self._routes.get((scope["method"], scope["path"]))
        if found is None:
            await self._app(scope, receive, send)
            return
        route, endpoint = found
        scope["route"], scope["endpoint"] = route, endpoint
        try:
            response = await endpoint(Request(scope, receive, send))
        except Problem as problem:
            response = without_traceback(problem).response(scope["path"], self._retry_after_s)
        except MoodError as error:
            response = Problem.from_error(without_traceback(error)).response(scope["path"], self._retry_after_s)
        await response(scope, receive, send)


def direct_endpoint(route: APIRoute) -> Endpoint | None:
    """Return the function of a route if it takes only the request and returns a response; otherwise None."""
    endpoint = route.endpoint
    parameters = list(inspect.signature(endpoint).parameters.values())
    hints = get_type_hints(endpoint)
    takes_request = len(parameters) == 1 and hints.get(parameters[0].name) is Request
    returns_response = inspect.isclass(hints.get("return")) and issubclass(hints["return"], Response)
    is_plain = not route.dependencies and route.status_code is None
    if not (takes_request and returns_response and is_plain and inspect.iscoroutinefunction(endpoint)):
        return None
    found: Endpoint = endpoint
    return found
