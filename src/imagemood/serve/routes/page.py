"""The web page at `/`. Its files are held in memory, so that no path in a request is looked up on disk."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter

from imagemood.serve.asgi.fixed_content import FixedContent
from imagemood.serve.asgi.middleware import PAGE_POLICY
from imagemood.serve.routes import PUBLIC
from imagemood.serve.service import Service

FOLDER = Path(__file__).parents[1] / "static"
_CACHE_FOREVER = "public, max-age=31536000, immutable"
_STANDALONE = "standalone/"  # the page as a single file, for the command `page`
_HASHED = "assets/"  # files in this folder have a hash of their content in their names
_PLACEHOLDER = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>image-mood-classifier</title></head>
<body>
<h1>The service is running, but the web page is not built</h1>
<p>The package was installed without the web page. To build it, run <code>make page</code> in a clone.</p>
<p>The service itself is available: <a href="docs">routes</a>, <a href="v1/labels">moods and tags</a>,
<a href="healthz">health</a>. For example:</p>
<pre>curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' 'http://127.0.0.1:8887/v1/moods?top=3'</pre>
</body>
</html>
"""


def create_router(service: Service) -> APIRouter:  # noqa: ARG001
    """Create a route for each file of the web page."""
    return create_file_router(FOLDER)


def create_file_router(folder: Path) -> APIRouter:
    """Create a public route for each file in a folder. Without `index.html`, `/` explains how to build it."""
    router = APIRouter(include_in_schema=False)
    found = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
    files = {name: content for name, content in files.items() if not name.startswith(_STANDALONE)}
    if "index.html" not in files:
        files = {"index.html": _PLACEHOLDER.encode()}
    for name, content in files.items():
        path = "/" if name == "index.html" else f"/{name}"
        router.add_api_route(
            path, _fixed_content(name, content).respond, methods=["GET", "HEAD"], openapi_extra=PUBLIC
        )
    return router


def _fixed_content(name: str, content: bytes) -> FixedContent:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {
        "Content-Security-Policy": PAGE_POLICY,
        "Cache-Control": _CACHE_FOREVER if name.startswith(_HASHED) else "no-cache",
    }
    return FixedContent(content, media_type, headers)
