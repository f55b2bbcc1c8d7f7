"""The routes of the service, one module per group.

The application calls the function ``create_router(service)`` of each module in this package, so a new module adds
a group of routes. A route that needs no bearer token declares ``openapi_extra=PUBLIC``; its path must not have
parameters.
"""

from typing import Any

PUBLIC: dict[str, Any] = {"security": []}
"""The declaration in OpenAPI that a route needs no token."""
