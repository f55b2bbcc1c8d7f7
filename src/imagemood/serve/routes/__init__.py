"""The routes of the service, one module per group.

The application includes each module of this package by calling its function ``create_router(service)``, so a new
group of routes is a new module. A route that needs no bearer token declares ``openapi_extra=PUBLIC``; such a route
has a path without parameters.
"""

from typing import Any

PUBLIC: dict[str, Any] = {"security": []}
"""OpenAPI's declaration that a route needs no token."""
