from __future__ import annotations

import asyncio
import json
import resource
import socket
import subprocess
import sys

import pytest
import uvicorn

from imagemood.serve import memory
from imagemood.serve.memory import MemoryInFlight
from imagemood.serve.transport import connections
from imagemood.serve.transport.asgi_server import AsgiServer
from imagemood.serve.transport.connections import MAX_SMALL_PARTS, LimitedProtocol, check_deadlines
from tests.serve.serving import started

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def respond(scope, receive, send):
    """Respond with the length of the body, with a long body, or without reading the body."""
    n_bytes = 0
    while scope["path"] == "/read":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        n_bytes += len(message["body"])
        if not message["more_body"]:
            break
    body = b"x" * 50_000_000 if scope["path"] == "/long" else str(n_bytes).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for start in range(0, len(body), 10_000_000):
        part = body[start : start + 10_000_000]
        await send({"type": "http.response.body", "body": part, "more_body": start + 10_000_000 < len(body)})


class Server:
    """A server in this process, and the clients of a test."""

    def __init__(self):
        config = uvicorn.Config(respond, http=LimitedProtocol, ws="none", lifespan="off", log_level="error")
        self.server = AsgiServer(config)
        self.listener = socket.create_server(("127.0.0.1", 0))

    async def connect(self, content=b""):
        reader, writer = await asyncio.open_connection(*self.listener.getsockname(), limit=2**26)
        if content:
            writer.write(content)
        return reader, writer

    async def send(self, content):
        """Return everything that the server sends until it closes the connection."""
        reader, writer = await self.connect(content)
        try:
            return await asyncio.wait_for(reader.read(), 30)
        except ConnectionResetError:
            return b""
        finally:
            writer.close()

    async def has_connections(self, n):
        async with asyncio.timeout(30):
            while len(self.server.server_state.connections) != n:
                await asyncio.sleep(0.001)

    def pass_time(self, seconds):
        check_deadlines(self.server.server_state.connections, asyncio.get_running_loop().time() + seconds)


def run(scenario):
    async def run_scenario():
        server = Server()
        async with started(server.server, server.listener):
            try:
                await scenario(server)
            finally:
                for connection in list(server.server.server_state.connections):
                    connection.transport.abort()

    asyncio.run(run_scenario())


def test_requests_of_one_connection_are_answered_one_after_the_other():
    async def scenario(server):
        reader, writer = await server.connect(3 * GET)
        for _ in range(3):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(1) == b"0"
        writer.write(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(6) == b"100000"
        chunks = b"5\r\nabcde\r\n0\r\nTrailer: x\r\n\r\n"
        writer.write(b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        assert await reader.readexactly(1) == b"5"
        server.pass_time(29)
        assert len(server.server.server_state.connections) == 1
        writer.close()

    run(scenario)


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 400_000,
        b"GET / HTTP/1.1\r\n" + b"x" * 400_000,
        b"GET /" + b"x" * 400_000,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: %s\r\n" % (i, b"y" * 1000) for i in range(60)),
        b"\r\n" * 40_000,
    ],
    ids=["long header", "endless header", "endless name", "endless path", "many", "many and large", "empty lines"],
)
def test_headers_over_a_limit_are_refused(content):
    async def scenario(server):
        head, _, body = (await server.send(content)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
        problem = json.loads(body)
        assert problem["status"] == 431
        assert problem["detail"] in ("the headers exceed 32,768 bytes", "the request has more than 100 headers")

    run(scenario)


def test_invalid_http_is_refused_with_a_problem():
    async def scenario(server):
        head, _, body = (await server.send(b"GARBAGE\r\n\r\n")).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert json.loads(body)["detail"] == "invalid HTTP request received"

    run(scenario)


@pytest.mark.parametrize(
    "tail",
    [
        b"0\r\n" + b"X: y\r\n" * 200,
        b"0\r\nX: " + b"y" * 400_000,
        b"5;" + b"x" * 400_000,
    ],
    ids=["many trailers", "endless trailer", "endless chunk extension"],
)
def test_trailers_and_framing_are_limited(tail):
    async def scenario(server):
        head = b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        response = await server.send(head + b"5\r\nabcde\r\n" + tail)
        assert response.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
        assert response.count(b"HTTP/1.1") == 1
        await server.has_connections(0)


def test_small_chunks_are_limited():
    async def scenario(server):
        head = b"POST /read HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        body = b"1\r\nx\r\n"
        allowed = await server.send(head + body * MAX_SMALL_PARTS + b"0\r\n\r\n")
        assert allowed.startswith(b"HTTP/1.1 200 ")
        response = await server.send(head + body * (MAX_SMALL_PARTS + 1) + b"0\r\n\r\n")
        assert response.startswith(b"HTTP/1.1 400 ")
        assert b"more than 20,000 small chunks" in response
        lines = (b"400\r\n" + 1024 * b"x" + b"\r\n1\r\n\n\r\n") * (MAX_SMALL_PARTS + 10)
        assert (await server.send(head + lines + b"0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")

    run(scenario)


def test_invalid_chunks_are_refused():
    async def scenario(server):
        head = b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        for tail in (b"zz\r\n", b"5\r\nabcde\r\n-1\r\n"):
            response = await server.send(head + tail)
            assert response.startswith(b"HTTP/1.1 400 Bad Request\r\n")
            assert response.count(b"HTTP/1.1") == 1
        await server.has_connections(0)

    run(scenario)


def test_an_invalid_body_behind_another_request_closes_the_connection():
    async def scenario(server):
        head = b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        response = await server.send(GET + head + b"zz\r\n")
        assert response.count(b"HTTP/1.1") <= 1
        await server.has_connections(0)

    run(scenario)


def test_too_many_requests_without_a_response_are_refused():
    async def scenario(server):
        assert (await server.send(100 * GET)).count(b"HTTP/1.1 200") < 100
        await server.has_connections(0)

    run(scenario)


@pytest.mark.parametrize("served", [False, True])
@pytest.mark.parametrize("content", [b"G", b"GET / HTTP/1.1\r\nHost:", b"\r\n"])
def test_connections_without_a_complete_request_are_closed(content, served):
    async def scenario(server):
        reader, writer = await server.connect(GET if served else content)
        await server.has_connections(1)
        (connection,) = server.server.server_state.connections
        if served:
            await reader.readuntil(b"\r\n\r\n0")
            writer.write(content)
        async with asyncio.timeout(30):
            while connection._n_bytes != len(content):
                await asyncio.sleep(0.001)
        server.pass_time(9)
        assert not connection.transport.is_closing()
        server.pass_time(11)
        await server.has_connections(0)
        writer.close()

    run(scenario)


def test_connections_without_a_request_are_closed():
    async def scenario(server):
        reader, writer = await server.connect()
        await server.has_connections(1)
        server.pass_time(11)
        assert await reader.read() == b""
        writer.close()

    run(scenario)


def test_a_body_that_is_not_needed_must_end_soon():
    async def scenario(server):
        request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nabc"
        reader, writer = await server.connect(request)
        assert (await reader.readuntil(b"\r\n\r\n0")).startswith(b"HTTP/1.1 200 ")
        server.pass_time(1)
        await server.has_connections(1)
        server.pass_time(3)
        await server.has_connections(0)
        writer.close()

    run(scenario)


def test_a_late_body_leaves_the_connection_usable():
    async def scenario(server):
        reader, writer = await server.connect(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n0")
        writer.write(b"abc" + GET)
        await reader.readuntil(b"\r\n\r\n0")
        server.pass_time(3)
        writer.write(GET)
        await reader.readuntil(b"\r\n\r\n0")
        writer.close()

    run(scenario)


def test_a_response_that_is_not_read_is_given_up():
    async def scenario(server):
        with socket.create_connection(server.listener.getsockname()) as client:
            client.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
            await server.has_connections(1)
            (connection,) = server.server.server_state.connections
            async with asyncio.timeout(30):
                while not connection.flow or not connection.flow.write_paused:
                    await asyncio.sleep(0.001)
            server.pass_time(59)
            assert not connection.transport.is_closing()
            server.pass_time(61)
            await server.has_connections(0)
            assert not server.server.server_state.tasks

    run(scenario)


def test_a_response_that_is_not_read_counts_until_its_memory_is_needed(monkeypatch):
    monkeypatch.setattr(memory, "MIN_AGE_S", 0)

    async def scenario(server):
        total = server.server.lifespan.state["memory"] = MemoryInFlight(60_000_000)
        with socket.create_connection(server.listener.getsockname()) as client, total.hold() as held:
            client.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(30):
                while not total.n_bytes:
                    await asyncio.sleep(0.001)
            assert 5_000_000 < total.n_bytes <= 10_000_000
            held.add(59_000_000)
            await server.has_connections(0)
            assert total.n_bytes == 59_000_000

    run(scenario)


def test_a_connection_replaces_the_one_that_has_been_idle_for_the_longest(monkeypatch):
    monkeypatch.setattr(connections, "max_connections", lambda: 4)

    async def scenario(server):
        served = await server.connect(GET)
        await served[0].readuntil(b"\r\n\r\n0")
        idle = [await server.connect(b"GET / HTTP/1.1\r\n") for _ in range(10)]
        await server.has_connections(4)
        assert await idle[0][0].read() == b""
        served[1].write(GET)  # the connection that has sent a request is kept
        await served[0].readuntil(b"\r\n\r\n0")
        for _, writer in (served, *idle):
            writer.close()

    run(scenario)


def test_if_all_connections_are_busy_another_one_is_refused(monkeypatch):
    monkeypatch.setattr(connections, "max_connections", lambda: 2)

    async def scenario(server):
        request = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
        busy = [await server.connect(request) for _ in range(2)]
        async with asyncio.timeout(30):
            while len(server.server.server_state.tasks) != 2:
                await asyncio.sleep(0.001)
        refusal = await server.send(GET)
        assert refusal.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"\r\nRetry-After: 1\r\n" in refusal
        for reader, writer in busy:
            writer.write(b"abc")
            await reader.readuntil(b"\r\n\r\n3")
            writer.close()

    run(scenario)


@pytest.mark.parametrize(("soft", "expected"), [(300, 100), (1100, 900), (100_000, 1000)])
def test_the_number_of_connections_depends_on_the_files_that_may_be_open(soft, expected):
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {min(soft, resource.getrlimit(resource.RLIMIT_NOFILE)[1])}))
from imagemood.serve.transport.connection_count import max_connections
print(max_connections())
"""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and soft > hard:
        code = code.replace(f"({soft}, ", f"({hard}, ")
        expected = min(expected, hard - 200)
    assert int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout) == expected
