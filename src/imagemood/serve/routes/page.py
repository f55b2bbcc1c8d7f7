"""The web page at `/`, where the package was built with it; held in memory, so that no request reaches a file."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from imagemood.serve.middleware import PAGE_POLICY

FOLDER = Path(__file__).parents[1] / "static"
_FOR_EVER = "public, max-age=31536000, immutable"
_HASHED = "assets/"  # whose names change with their content
_MISSING = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>image-mood-classifier</title></head>
<body>
<h1>The service runs; its page is not built</h1>
<p>The package was installed without the web page. <code>make page</code> in a clone builds it.</p>
<p>The service itself answers: <a href="openapi.json">its routes</a>, <a href="v1/labels">moods and tags</a>,
<a href="healthz">health</a>. Try:</p>
<pre>curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' 'http://127.0.0.1:8887/v1/moods?top=3'</pre>
</body>
</html>
"""


@dataclass(frozen=True)
class _File:
    content: bytes
    packed: bytes | None
    media_type: str
    tag: str
    cache: str

    @classmethod
    def of(cls, name: str, content: bytes) -> _File:
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        packed = gzip.compress(content, 9, mtime=0)
        return cls(
            content,
            packed if len(packed) < 0.9 * len(content) else None,
            media_type,
            f'"{hashlib.sha256(content).hexdigest()[:16]}"',
            _FOR_EVER if name.startswith(_HASHED) else "no-cache",
        )

    def answer(self, request: Request) -> Response:
        headers = {
            "Content-Security-Policy": PAGE_POLICY,
            "Cache-Control": self.cache,
            "ETag": self.tag,
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == self.tag:
            return Response(status_code=304, headers=headers)
        if self.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                self.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=self.media_type
            )
        return Response(self.content, headers=headers, media_type=self.media_type)


def router(folder: Path = FOLDER) -> APIRouter:
    """Give a route for each file of the page.

    Parameters
    ----------
    folder : Path
        The built page; where it is absent, `/` says how to build it.

    Returns
    -------
    APIRouter
        The routes.
    """
    routes = APIRouter(include_in_schema=False)
    found = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
    if "index.html" not in files:
        files = {"index.html": _MISSING.encode()}
    for name, content in files.items():
        path = "/" if name == "index.html" else f"/{name}"
        routes.add_api_route(path, _File.of(name, content).answer, methods=["GET", "HEAD"])
    return routes
