"""Examples of requests in shell commands, Python and JavaScript for the OpenAPI document."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imagemood.serve.mood_formats import NDJSON

ADDRESS = "http://127.0.0.1:8887"
"""The address in examples; the page of the API description replaces it with its own."""
_PATH_VALUES = {
    "/v1/samples": {"name": "cat.jpg"},
    "/v2/models": {"name": "mood", "version": "1"},
    "/api/v1/vision": {"name": "imagemood", "version": "1"},
}
_FILES = {"/v1/moods": "photo.jpg", "/v1/preview": "photo.jpg", "/v1/moods/stream": "pictures.ndjson"}
"""The routes that take a file as their body, and a name for it."""
_QUERIES = {"/v1/moods": "?top=3", "/v1/moods/stream": "?top=3"}


@dataclass(frozen=True)
class _Call:
    """The parts that the examples of a route have in common."""

    method: str
    url: str
    body: Any  # the value of a body in JSON, or None
    file: str | None  # that is the body
    needs_token: bool
    media_type: str  # of the response


def code_samples(
    path: str, method: str, operation: Mapping[str, Any], *, needs_token: bool
) -> list[dict[str, str]]:
    """Return examples of requests to a route, as the extension ``x-codeSamples`` of OpenAPI describes them.

    Examples
    --------
    >>> operation = {"responses": {"200": {"content": {"application/json": {}}}}}
    >>> print(code_samples("/v1/labels", "get", operation, needs_token=True)[0]["source"])
    curl 'http://127.0.0.1:8887/v1/labels' -H "Authorization: Bearer $TOKEN"
    """
    file = _FILES.get(path)
    call = _Call(
        method.upper(),
        f"{ADDRESS}{_fill(path)}{_QUERIES.get(path, '')}",
        None if file else _example(operation),
        file,
        needs_token and operation.get("security") != [],
        next(iter(operation["responses"].get("200", {}).get("content", {})), ""),
    )
    return [
        {"lang": "Shell", "label": "curl", "source": _curl(call)},
        {"lang": "Python", "label": "Python", "source": _python(call)},
        {"lang": "JavaScript", "label": "JavaScript", "source": _javascript(call)},
    ]


def _content_type(call: _Call) -> str | None:
    """Return the media type that a request must state, unless the service recognises the body."""
    if call.body is not None:
        return "application/json"
    return NDJSON if call.file and call.file.endswith("ndjson") else None


def _fill(path: str) -> str:
    """Replace the parameters of a path by values."""
    values = next((values for start, values in _PATH_VALUES.items() if path.startswith(start)), {})
    return path.format(**values)


def _example(operation: Mapping[str, Any]) -> Any:
    """Return the example of the body in JSON, if there is one."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return content.get("example", content.get("schema", {}).get("example"))


def _curl(call: _Call) -> str:
    parts = [f"curl '{call.url}'"]
    if call.needs_token:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    if call.method != "GET" and call.body is None and not call.file:
        parts.append(f"-X {call.method}")
    if _content_type(call):
        parts.append(f"-H 'Content-Type: {_content_type(call)}'")
    if call.file:
        parts.append(f"--data-binary @{call.file}")
    elif call.body is not None:
        parts.append(f"--data {shlex.quote(json.dumps(call.body))}")
    if call.media_type.startswith("image/"):
        parts.append("-o picture.jpg")
    return " \\\n  ".join(parts) if len(parts) > 2 else " ".join(parts)


def _python(call: _Call) -> str:
    arguments = [f'"{call.url}"']
    lines = ["import httpx", ""]
    headers = []
    if call.needs_token:
        lines.insert(0, "import os\n")
        headers.append('"Authorization": f"Bearer {os.environ[\'TOKEN\']}"')
    if call.file and _content_type(call):
        headers.append(f'"Content-Type": "{_content_type(call)}"')
    if headers:
        arguments.append(f"headers={{{', '.join(headers)}}}")
    if call.file:
        lines[-1:] = ["", f'with open("{call.file}", "rb") as file:', "    content = file.read()"]
        arguments.append("content=content")
    elif call.body is not None:
        arguments.append(f"json={call.body!r}")
    joined = ", ".join(arguments)
    if len(joined) > 80:
        joined = "\n    " + ",\n    ".join(arguments) + ",\n"
    lines += [f"response = httpx.{call.method.lower()}({joined})", "response.raise_for_status()"]
    lines.append(_by_kind(call, "print(response.json())", "picture = response.content", "print(response.text)"))
    return "\n".join(lines)


def _javascript(call: _Call) -> str:
    headers = []
    if call.needs_token:
        headers.append("Authorization: `Bearer ${token}`")
    if _content_type(call):
        headers.append(f'"Content-Type": "{_content_type(call)}"')
    options = [f'method: "{call.method}"'] if call.method != "GET" else []
    if headers:
        options.append(f"headers: {{ {', '.join(headers)} }}")
    lines = []
    if call.file:
        lines.append('const file = document.querySelector("input[type=file]").files[0];')
        options.append("body: file")
    elif call.body is not None:
        options.append(f"body: JSON.stringify({json.dumps(call.body)})")
    end = ", {\n" + "".join(f"  {option},\n" for option in options) + "}" if options else ""
    lines += [
        f'const response = await fetch("{call.url}"{end});',
        "if (!response.ok) throw new Error(await response.text());",
        _by_kind(
            call,
            "console.log(await response.json());",
            "const picture = await response.blob();",
            "console.log(await response.text());",
        ),
    ]
    return "\n".join(lines)


def _by_kind(call: _Call, for_json: str, for_picture: str, for_text: str) -> str:
    """Return the line that reads a response, which depends on its media type."""
    if call.media_type == "application/json":
        return for_json
    return for_picture if call.media_type.startswith("image/") else for_text
