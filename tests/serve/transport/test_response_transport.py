from __future__ import annotations

import asyncio

from imagemood.serve.transport.response_transport import ResponseTransport


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


def run(scenario, *, has_body=True):
    """Run a scenario with the transport of a response, and the events that it causes."""

    async def run_scenario():
        recorder = Recorder()
        loop = asyncio.get_running_loop()
        await scenario(ResponseTransport(recorder, recorder.close, loop, has_body=has_body), recorder.events)

    asyncio.run(run_scenario())


def test_the_head_of_a_response_is_sent_together_with_its_body():
    async def scenario(transport, events):
        transport.write(b"head ")
        transport.write(b"body ")
        transport.write(b"more")
        await asyncio.sleep(0)
        assert events == [b"head body ", b"more"]

    run(scenario)


def test_the_head_does_not_wait_for_a_body_that_comes_later():
    async def scenario(transport, events):
        transport.write(b"head")
        await asyncio.sleep(0)
        assert events == [b"head"]
        transport.write(b"body")
        assert events == [b"head", b"body"]

    run(scenario)


def test_the_head_is_sent_before_the_connection_is_closed():
    async def scenario(transport, events):
        transport.write(b"head")
        transport.close()
        await asyncio.sleep(0)
        assert events == [b"head", "closed"]

    run(scenario)


def test_a_head_without_a_body_is_sent_at_once():
    async def scenario(transport, events):
        transport.write(b"head")
        assert events == [b"head"]

    run(scenario, has_body=False)
