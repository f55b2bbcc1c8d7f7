from __future__ import annotations

import asyncio

from imagemood.serve.response_transport import ResponseTransport


class Recorder:
    """A transport that records what is sent, and that it is closed."""

    def __init__(self):
        self.events = []

    def write(self, data):
        self.events.append(data)

    def close(self):
        self.events.append("closed")

    def is_closing(self):
        return False


def test_the_head_of_a_response_is_sent_together_with_its_body():
    async def scenario():
        recorder = Recorder()
        transport = ResponseTransport(recorder, recorder.close, asyncio.get_running_loop(), has_body=True)
        transport.write(b"head ")
        transport.write(b"body ")
        transport.write(b"more")
        await asyncio.sleep(0)
        assert recorder.events == [b"head body ", b"more"]

    asyncio.run(scenario())


def test_the_head_does_not_wait_for_a_body_that_comes_later():
    async def scenario():
        recorder = Recorder()
        transport = ResponseTransport(recorder, recorder.close, asyncio.get_running_loop(), has_body=True)
        transport.write(b"head")
        await asyncio.sleep(0)
        assert recorder.events == [b"head"]
        transport.write(b"body")
        assert recorder.events == [b"head", b"body"]

    asyncio.run(scenario())


def test_the_head_is_sent_before_the_connection_is_closed():
    async def scenario():
        recorder = Recorder()
        transport = ResponseTransport(recorder, recorder.close, asyncio.get_running_loop(), has_body=True)
        transport.write(b"head")
        transport.close()
        await asyncio.sleep(0)
        assert recorder.events == [b"head", "closed"]

    asyncio.run(scenario())


def test_a_head_without_a_body_is_sent_at_once():
    async def scenario():
        recorder = Recorder()
        transport = ResponseTransport(recorder, recorder.close, asyncio.get_running_loop(), has_body=False)
        transport.write(b"head")
        assert recorder.events == [b"head"]

    asyncio.run(scenario())
