"""An onboarding server on loopback."""

from __future__ import annotations

import http.server
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers import serving

TOKEN, FRESH, NAME, PASSWORD = "stale-token-17", "fresh-token-42", "ada", "s3cret pass wörd"
IMAGE = "registry.example.org/image-mood-classifier:1"


class Onboarding(http.server.ThreadingHTTPServer):
    """A real HTTP server that records requests and responds with the configured status codes."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests, self.statuses, self.accepts = [], [], {TOKEN, FRESH}
        self.response = json.dumps({"status": "SUCCESS", "dockerImageUri": IMAGE})
        self.auth_response = json.dumps({"jwtToken": FRESH})
        self.delay_s = 0.0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        time.sleep(self.server.delay_s)
        status, text = 200, self.server.auth_response
        if self.path == "/push":
            text = self.server.response
            status = self.server.statuses.pop(0) if self.server.statuses else 200
            if self.headers["Authorization"] not in self.server.accepts:
                status, text = 401, f"bad token {self.headers['Authorization']}"
        elif json.loads(body) != {"request_body": {"username": NAME, "password": PASSWORD}}:
            status, text = 403, f"wrong password {PASSWORD}"
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "https://elsewhere.example.org/")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


@contextmanager
def onboarding_server(context: ssl.SSLContext | None = None) -> Iterator[Onboarding]:
    """Run the server, with HTTPS if there is a context with its certificate."""
    with Onboarding() as running:
        if context is not None:
            running.socket = context.wrap_socket(running.socket, server_side=True)
            running.address = running.address.replace("http:", "https:")
        with serving(running):
            yield running
