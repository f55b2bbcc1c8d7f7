"""Servers on loopback for tests: HTTP, S3, and Google Cloud Storage."""

from __future__ import annotations

import http.server
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import werkzeug.serving
from moto.server import DomainDispatcherApplication, create_backend_app

S3_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "anyone",
    "AWS_SECRET_ACCESS_KEY": "anything",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def http_server(handler: type[http.server.BaseHTTPRequestHandler] | Callable) -> Iterator[http.server.HTTPServer]:
    """Run an HTTP server; its address is ``http://127.0.0.1:{server.server_port}``."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield running
        finally:
            running.shutdown()
            thread.join()


class S3Server:
    """An S3 server that responds with each status in `failures` once, or with the status `always` if it is set."""

    def __init__(self) -> None:
        self._s3 = DomainDispatcherApplication(create_backend_app)
        self.always: str | None = None
        self.failures: list[str] = []
        self.requests: Counter[str] = Counter()
        self.page_size: int | None = None  # of listings; 1000 by default
        self.url = ""

    def __call__(self, environ, start_response):
        self.requests[environ["REQUEST_METHOD"]] += 1
        failure = self.always or (self.failures.pop(0) if self.failures else None)
        if failure:
            start_response(failure, [("Content-Length", "0")])
            return [b""]
        if self.page_size and "list-type" in environ["QUERY_STRING"]:
            environ["QUERY_STRING"] += f"&max-keys={self.page_size}"
        return self._s3(environ, start_response)

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables of a client of this server."""
        return {**S3_CREDENTIALS, "AWS_ENDPOINT_URL": self.url}


class _Quiet(werkzeug.serving.WSGIRequestHandler):
    def log(self, *_: object) -> None: ...


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run an S3 server without buckets."""
    application = S3Server()
    running = werkzeug.serving.make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    application.url = f"http://127.0.0.1:{running.server_port}"
    try:
        yield application
    finally:
        running.shutdown()
        thread.join()
        running.server_close()
