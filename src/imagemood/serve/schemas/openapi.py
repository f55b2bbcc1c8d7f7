"""Descriptions of request bodies for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
"""The media type object of arbitrary bytes."""
FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["image"],
    "properties": {
        "image": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}},
    },
}
"""The schema of a form with picture files."""
PNG_BASE64 = (
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAE0lEQVR42mP838CAFTAxMAwlCQAwUAGPIYcBRwAAAABJRU5ErkJggg=="
)
"""A PNG file of 8×8 orange pixels in base64, so that requests copied from the examples are valid."""


def request_body(content: dict[str, dict[str, Any]], *, required: bool = True) -> dict[str, Any]:
    """Describe a request body for the ``openapi_extra`` parameter of a route, from its media type objects."""
    return {"requestBody": {"required": required, "content": content}}


def inline_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's JSON schema without references, which FastAPI does not resolve in ``openapi_extra``."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, list):
            return [resolve(entry) for entry in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolve(definitions[node["$ref"].rpartition("/")[2]])
        return {key: resolve(value) for key, value in node.items()}

    resolved: dict[str, Any] = resolve(schema)
    return resolved
