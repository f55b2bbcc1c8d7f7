from __future__ import annotations

import asyncio
import threading

import pytest

from imagemood.errors import OverloadedError
from imagemood.serve.batching import Batcher, Plan


class Work:
    """Doubles numbers, once it is let; notes what it was given."""

    def __init__(self):
        self.gate = threading.Event()
        self.batches = []

    def __call__(self, items, alone):
        self.batches.append((list(items), alone))
        assert self.gate.wait(30)
        if -1 in items:
            raise ZeroDivisionError
        return [2 * item for item in items]


def running(plan, scenario):
    """Run a scenario on a batcher, and close it."""
    work, sizes = Work(), []

    async def run():
        batcher = Batcher("test", work, plan, sizes.append)
        await scenario(batcher, work)
        work.gate.set()
        await batcher.close()

    asyncio.run(run())
    assert sizes == [len(items) for items, _ in work.batches]
    return work.batches


async def until(condition):
    while not condition():
        await asyncio.sleep(0.001)


def test_what_comes_meanwhile_is_computed_together():
    async def scenario(batcher, work):
        first = batcher.submit([1])
        await until(lambda: work.batches)
        later = [batcher.submit([number])[0] for number in range(2, 12)]
        assert batcher.n_waiting == 10
        work.gate.set()
        assert await asyncio.gather(*first, *later) == [2 * number for number in range(1, 12)]

    batches = running(Plan(n_workers=1, n_batch=8, capacity=100), scenario)
    assert batches == [([1], True), ([2, 3, 4, 5, 6, 7, 8, 9], False), ([10, 11], False)]


def test_without_workers_a_turn_of_the_loop_is_a_batch():
    async def scenario(batcher, work):
        work.gate.set()
        futures = [batcher.submit([number])[0] for number in (*range(10), -1)]
        assert work.batches == []
        answers = await asyncio.gather(*futures, return_exceptions=True)
        assert answers[:8] == [2 * number for number in range(8)]
        assert [type(answer) for answer in answers[8:]] == [ZeroDivisionError] * 3

    batches = running(Plan(n_workers=0, n_batch=8, capacity=100), scenario)
    assert batches == [(list(range(8)), True), ([8, 9, -1], True)]


def test_a_request_of_several_is_spread_over_the_workers():
    async def scenario(batcher, work):
        work.gate.set()
        assert await asyncio.gather(*batcher.submit(range(6))) == [0, 2, 4, 6, 8, 10]

    batches = running(Plan(n_workers=2, n_batch=8, capacity=100), scenario)
    assert sorted(items for items, _ in batches) == [[0, 1, 2], [3, 4, 5]]


def test_with_others_at_work_a_batch_waits_for_company_but_not_for_ever():
    async def scenario(batcher, work):
        batcher.submit([1])
        await until(lambda: work.batches)
        batcher.submit([2])
        batcher.submit([3])
        assert len(work.batches) == 1
        await until(lambda: len(work.batches) == 2)

    batches = running(Plan(n_workers=2, n_batch=8, capacity=100, patience_s=0.01), scenario)
    assert batches == [([1], True), ([2, 3], False)]


def test_a_full_queue_refuses_at_once_all_or_none():
    async def scenario(batcher, work):
        batcher.submit([1])
        await until(lambda: work.batches)
        kept = batcher.submit([2, 3])
        with pytest.raises(OverloadedError, match="ask again later"):
            batcher.submit([4, 5])
        assert batcher.n_waiting == 2
        last = batcher.submit([6])
        with pytest.raises(OverloadedError):
            batcher.check_room()
        work.gate.set()
        assert await asyncio.gather(*kept, *last) == [4, 6, 12]

    running(Plan(n_workers=1, n_batch=8, capacity=3), scenario)


def test_what_nobody_waits_for_is_not_computed_and_a_failure_reaches_who_asked():
    async def scenario(batcher, work):
        batcher.submit([1])
        await until(lambda: work.batches)
        (given_up,) = batcher.submit([2])
        given_up.cancel()
        (bad,) = batcher.submit([-1])
        work.gate.set()
        with pytest.raises(ZeroDivisionError):
            await bad
        assert await batcher.submit([4])[0] == 8

    batches = running(Plan(n_workers=1, n_batch=8, capacity=9), scenario)
    assert [items for items, _ in batches] == [[1], [-1], [4]]
