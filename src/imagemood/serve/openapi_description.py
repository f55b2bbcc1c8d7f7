"""The OpenAPI document of the service: what FastAPI derives from the routes, and what it cannot know."""

from __future__ import annotations

import json
import re
from functools import cached_property, lru_cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from imagemood.serve.asgi.fixed_content import FixedContent
from imagemood.serve.asgi.forwarded import PREFIX
from imagemood.serve.schemas.code_samples import code_samples

PATH = "/openapi.json"
TAGS = [
    {"name": "Moods", "description": "Classification of pictures in JSON, for programs and the web page."},
    {"name": "Samples", "description": "Freely licensed sample pictures."},
    {"name": "Acumos", "description": "The methods of the Acumos model, in protobuf or JSON."},
    {"name": "Open Inference Protocol", "description": "The protocol of KServe, Triton and other model servers."},
    {"name": "PhotoPrism", "description": "Labels of photos, as PhotoPrism requests them."},
    {"name": "Operations", "description": "Health, readiness and metrics."},
]
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "The token of `imagemood serve --token-file`. Without that option, no token is needed.",
}
_CACHE_SIZE = 16


def operation_id(route: APIRoute) -> str:
    """Return the identifier of a route in the document, which clients that are generated from it use as a name.

    It consists of the tag and the name of the function, and so does not change if the path does.
    """
    tag = re.sub(r"\W+", "_", str(route.tags[0]).lower()) if route.tags else ""
    return f"{tag}_{route.name}".strip("_")


class OpenApiDescription:
    """The OpenAPI document of an application, which is created when it is first needed.

    Parameters
    ----------
    app : FastAPI
        The application.
    needs_token : bool
        Whether the routes need the bearer token unless they are declared as public.
    """

    def __init__(self, app: FastAPI, *, needs_token: bool) -> None:
        self._describe = app.openapi
        self._needs_token = needs_token
        self._content = lru_cache(_CACHE_SIZE)(self._create_content)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document for clients that reach the service at the address where they find the document."""
        document = self._describe()
        document["servers"] = [{"url": "./", "description": "This service"}]
        document.setdefault("components", {}).setdefault("securitySchemes", {})["token"] = _TOKEN
        if self._needs_token:
            document["security"] = [{"token": []}]
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                operation["x-codeSamples"] = code_samples(path, method, operation, needs_token=self._needs_token)
        return document

    def prepare(self) -> None:
        """Create the document before a request needs it, since this takes a moment."""
        self._content("")

    def respond(self, request: Request) -> Response:
        """Respond with the document for the prefix at which the client reaches the service."""
        return self._content(request.scope.get(PREFIX, "")).respond(request)

    def _create_content(self, prefix: str) -> FixedContent:
        servers = [{"url": prefix, "description": "This service"}] if prefix else self.document["servers"]
        document = {**self.document, "servers": servers}
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        return FixedContent(content, "application/json", {"Cache-Control": "no-cache"})
