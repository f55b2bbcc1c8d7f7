from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress

import pytest
import uvicorn
import uvloop

from imagemood.serve.transport import connections, tls_handshakes
from imagemood.serve.transport.asgi_server import AsgiServer
from imagemood.serve.transport.connections import LimitedProtocol
from tests.certificates import server_context
from tests.serve.serving import started

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def respond(scope, receive, send):
    body = scope["scheme"].encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": body})


class Server:
    """A server in this process, and the clients of a test."""

    def __init__(self, folder):
        server_context(folder)
        certificate = folder / "server.pem"
        config = uvicorn.Config(
            respond, http=LimitedProtocol, ws="none", lifespan="off", log_level="error", ssl_certfile=certificate
        )
        self.server = AsgiServer(config)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=500)
        self.address = self.listener.getsockname()
        self.writers = []  # a connection is closed when its writer is deleted
        self.tls = ssl.create_default_context(cafile=folder / "authority.pem")

    async def connect(self, tls=None):
        reader, writer = await asyncio.open_connection(*self.address, ssl=tls)
        self.writers.append(writer)
        return reader, writer

    async def get(self):
        """Get a response on a connection that stays open."""
        reader, writer = await self.connect(self.tls)
        writer.write(GET)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(5) == b"https"
        return writer

    async def has_connections(self, n):
        async with asyncio.timeout(30):
            while len(self.server.server_state.connections) != n:
                await asyncio.sleep(0.001)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request, tmp_path):
    def run(scenario):
        async def run_scenario():
            server = Server(tmp_path)
            async with started(server.server, server.listener):
                await scenario(server)
            assert not server.server.server_state.tasks
            for writer in server.writers:
                writer.close()
            for writer in server.writers:
                with suppress(OSError):
                    await writer.wait_closed()

        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(run_scenario())

    return run


def test_requests_are_answered_after_the_handshake(run):
    async def scenario(server):
        for n in range(1, 4):
            await server.get()
            await server.has_connections(n)

    run(scenario)


def test_silent_connections_are_closed_in_time(run, monkeypatch):
    monkeypatch.setattr(tls_handshakes, "HEAD_TIMEOUT_S", 1)

    async def scenario(server):
        readers = [(await server.connect())[0] for _ in range(20)]
        await server.has_connections(20)
        await server.get()
        for reader in readers:
            assert await asyncio.wait_for(reader.read(), 20) == b""
        await server.has_connections(1)

    run(scenario)


def test_silent_connections_leave_their_places_to_others(run, monkeypatch):
    monkeypatch.setattr(tls_handshakes, "max_connections", lambda: 4)
    monkeypatch.setattr(connections, "max_connections", lambda: 4)

    async def scenario(server):
        first = await server.get()
        silent = []
        for _ in range(10):
            silent.append(await server.connect())
            await asyncio.sleep(0.005)  # the time of the event loop is a number of milliseconds
        await server.get()
        await server.has_connections(4)
        for reader, _ in silent[:8]:  # the oldest ones
            with suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 20) == b""
        assert not first.is_closing()

    run(scenario)


def test_connections_without_an_idle_one_to_replace_are_closed(run, monkeypatch):
    monkeypatch.setattr(tls_handshakes, "close_idle", lambda *_: False)

    async def scenario(server):
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await server.connect(server.tls)
        await server.has_connections(0)

    run(scenario)


@pytest.mark.parametrize("content", [GET, b"\x16\x03\x01", b""], ids=["http", "part", "end"])
def test_other_data_than_tls_ends_the_handshake(run, content):
    async def scenario(server):
        reader, writer = await server.connect()
        writer.write(content)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 20)
        await server.has_connections(0)
        await server.get()

    run(scenario)


def test_the_server_stops_during_handshakes(run):
    async def scenario(server):
        for _ in range(3):
            await server.connect()
        await server.has_connections(3)

    run(scenario)
