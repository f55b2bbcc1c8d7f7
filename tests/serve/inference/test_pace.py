from __future__ import annotations

import asyncio
import threading

import pytest
from fastapi import FastAPI

from imagemood.errors import OverloadedError
from imagemood.serve.inference.batching import Batcher, BatchPolicy
from imagemood.serve.inference.pace import Pace
from imagemood.serve.problems import Problem, add_handlers
from tests.serve.serving import send_to


def test_recent_items_weigh_more():
    pace = Pace()
    assert pace.seconds_for(100) == 0
    for _ in range(50):
        pace.add(1.0, n_items=1)
    assert pace.seconds_for(10) == pytest.approx(10)
    for _ in range(50):
        pace.add(1.0, n_items=10)
    assert 1 <= pace.seconds_for(10) < 1.1


def test_a_full_queue_states_how_long_it_takes():
    """Seven of eight items wait, and each of them takes half a second."""
    may_end = threading.Event()

    def compute(items, alone):
        may_end.wait(60)
        return items

    async def scenario():
        batcher = Batcher("slow", compute, BatchPolicy(n_workers=1, max_batch=1, capacity=8))
        batcher.pace.add(1.0, n_items=2)
        futures = batcher.submit(range(8))
        with pytest.raises(OverloadedError) as caught:
            batcher.check_capacity(8)
        may_end.set()
        await asyncio.gather(*futures)
        await batcher.close()
        return caught.value.retry_after_s

    assert asyncio.run(scenario()) == 3.5


def test_refusals_state_the_estimate_of_the_error_or_of_the_service(local_service):
    app = FastAPI()
    add_handlers(app, local_service.retry_after_s)

    @app.get("/estimated")
    def estimated():
        raise OverloadedError("busy").after(6.2)

    @app.get("/long")
    def long():
        raise OverloadedError("busy").after(10_000)

    @app.get("/unknown")
    def unknown():
        raise OverloadedError("busy")

    @app.get("/stated")
    def stated():
        raise Problem(503, "busy", {"Retry-After": "9"})

    local_service.engine.pictures.pace.add(1000.0, 1)  # no picture waits
    found = {
        path: send_to(app, "GET", path).headers["Retry-After"] for path in ("/estimated", "/long", "/unknown")
    }
    assert found == {"/estimated": "7", "/long": "30", "/unknown": "1"}
    assert send_to(app, "GET", "/stated").headers["Retry-After"] == "9"
