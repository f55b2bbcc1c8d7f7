"""Servers on loopback for tests: HTTP, S3, and Google Cloud Storage."""

from __future__ import annotations

import http.server
import select
import socket
import ssl
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
def http_server(
    handler: type[http.server.BaseHTTPRequestHandler] | Callable, context: ssl.SSLContext | None = None
) -> Iterator[http.server.HTTPServer]:
    """Run an HTTP server, with TLS if there is a context; it listens at ``127.0.0.1:{server.server_port}``."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        if context is not None:
            running.socket = context.wrap_socket(running.socket, server_side=True)
        with serving(running):
            yield running


@contextmanager
def serving(server: http.server.HTTPServer) -> Iterator[None]:
    """Let a server answer requests in a thread until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


class Proxy:
    """A proxy for HTTPS, and the hosts and ports to which it has opened tunnels."""

    def __init__(self) -> None:
        self.tunnels: list[str] = []
        self.url = ""


@contextmanager
def proxy_server() -> Iterator[Proxy]:
    """Run a proxy that connects to this machine, whatever the host is."""
    proxy = Proxy()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            proxy.tunnels.append(self.path)
            with socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2]))) as target:
                self.send_response(200)
                self.end_headers()
                ends = [self.connection, target]
                while True:
                    source = select.select(ends, [], [])[0][0]
                    part = source.recv(65536)
                    if not part:
                        break
                    (target if source is self.connection else self.connection).sendall(part)
            self.close_connection = True

        def log_message(self, *_: object) -> None: ...

    with http_server(Handler) as running:
        proxy.url = f"http://127.0.0.1:{running.server_port}"
        yield proxy


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
def s3_server(context: ssl.SSLContext | None = None) -> Iterator[S3Server]:
    """Run an S3 server without buckets, with TLS if there is a context."""
    application = S3Server()
    running = werkzeug.serving.make_server(
        "127.0.0.1", 0, application, threaded=True, request_handler=_Quiet, ssl_context=context
    )
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    application.url = f"http{'s' if context else ''}://127.0.0.1:{running.server_port}"
    try:
        yield application
    finally:
        running.shutdown()
        thread.join()
        running.server_close()
