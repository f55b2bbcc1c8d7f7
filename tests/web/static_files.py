"""Small web servers, for pages and services of other origins."""

from __future__ import annotations

import contextlib
import functools
import http.server
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.servers import http_server


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Write no log."""


@contextlib.contextmanager
def serving_requests(handler: Callable[..., http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """Answer requests on a free port, and yield the address without a slash at its end."""
    with http_server(handler) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@contextlib.contextmanager
def serving_files(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port, and yield the origin of its pages."""
    with serving_requests(functools.partial(_Handler, directory=str(folder))) as origin:
        yield origin
