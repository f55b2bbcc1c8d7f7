from __future__ import annotations

import asyncio
import threading

import pytest

from imagemood.errors import OverloadedError
from imagemood.serve.inference.batching import Batcher, BatchPolicy


class Doubling:
    """Doubles numbers once its gate is open, and records the batches.

    Batches of numbers below `first_held` need not wait for the gate.
    """

    def __init__(self):
        self.gate = threading.Event()
        self.batches = []
        self.first_held = -1

    def __call__(self, items, alone):
        self.batches.append((list(items), alone))
        assert max(items) < self.first_held or self.gate.wait(30)
        if -1 in items:
            raise ZeroDivisionError
        return [2 * item for item in items]


def run(policy, scenario):
    """Run a scenario with a batcher, close the batcher, and return the batches."""
    compute, sizes = Doubling(), []

    async def run_scenario():
        batcher = Batcher("test", compute, policy, sizes.append)
        await scenario(batcher, compute)
        compute.gate.set()
        await batcher.close()

    asyncio.run(run_scenario())
    assert sizes == [len(items) for items, _ in compute.batches]
    return compute.batches


async def wait_until(condition):
    while not condition():
        await asyncio.sleep(0.001)


def test_items_that_arrive_during_a_computation_form_a_batch():
    async def scenario(batcher, compute):
        first = batcher.submit([1])
        await wait_until(lambda: compute.batches)
        later = [batcher.submit([number])[0] for number in range(2, 12)]
        assert batcher.n_waiting == 10
        compute.gate.set()
        assert await asyncio.gather(*first, *later) == [2 * number for number in range(1, 12)]

    batches = run(BatchPolicy(n_workers=1, max_batch=8, capacity=100), scenario)
    assert batches == [([1], True), ([2, 3, 4, 5, 6, 7, 8, 9], False), ([10, 11], False)]


def test_without_workers_each_iteration_of_the_event_loop_computes_a_batch():
    async def scenario(batcher, compute):
        compute.gate.set()
        futures = [batcher.submit([number])[0] for number in (*range(10), -1)]
        assert compute.batches == []
        outputs = await asyncio.gather(*futures, return_exceptions=True)
        assert outputs[:8] == [2 * number for number in range(8)]
        assert [type(output) for output in outputs[8:]] == [ZeroDivisionError] * 3

    batches = run(BatchPolicy(n_workers=0, max_batch=8, capacity=100), scenario)
    assert batches == [(list(range(8)), True), ([8, 9, -1], True)]


def test_without_workers_cancelled_items_are_not_computed():
    async def scenario(batcher, compute):
        compute.gate.set()
        cancelled, kept = batcher.submit([1, 2])
        cancelled.cancel()
        assert await kept == 4
        (cancelled,) = batcher.submit([3])
        cancelled.cancel()

    assert run(BatchPolicy(n_workers=0, max_batch=8, capacity=9), scenario) == [([2], True)]


def test_the_items_of_one_request_are_distributed_over_the_workers():
    async def scenario(batcher, compute):
        compute.gate.set()
        assert await asyncio.gather(*batcher.submit(range(6))) == [0, 2, 4, 6, 8, 10]

    batches = run(BatchPolicy(n_workers=2, max_batch=8, capacity=100), scenario)
    assert sorted(items for items, _ in batches) == [[0, 1, 2], [3, 4, 5]]


async def occupy_one_worker(batcher, compute):
    """Submit two batches of two items, and let one of them be completed."""
    compute.first_held = 10
    futures = batcher.submit([11, 12, 1, 2])
    await asyncio.gather(*futures[2:])


def test_a_batch_waits_until_it_is_as_large_as_the_one_being_computed():
    async def scenario(batcher, compute):
        await occupy_one_worker(batcher, compute)
        batcher.submit([3])
        assert batcher.n_waiting == 1
        await asyncio.gather(*batcher.submit([4]))

    batches = run(BatchPolicy(n_workers=2, max_batch=8, capacity=100, max_delay_s=3600), scenario)
    assert batches[2:] == [([3, 4], False)]


def test_items_that_already_wait_are_shared_out_with_those_that_follow():
    async def scenario(batcher, compute):
        compute.first_held = 10
        computing, waiting = batcher.submit([11, 12, 1, 2]), batcher.submit([3])
        await asyncio.gather(*computing[2:])
        waiting += batcher.submit([4])
        assert batcher.n_waiting == 2
        await asyncio.gather(*waiting, *batcher.submit([5]))

    batches = run(BatchPolicy(n_workers=2, max_batch=8, capacity=100, max_delay_s=3600), scenario)
    assert batches[2:] == [([3, 4, 5], False)]


def test_a_batch_does_not_wait_forever():
    async def scenario(batcher, compute):
        await occupy_one_worker(batcher, compute)
        future = batcher.submit([3])
        assert batcher.n_waiting == 1
        await asyncio.gather(*future)

    batches = run(BatchPolicy(n_workers=2, max_batch=8, capacity=100, max_delay_s=0.05), scenario)
    assert batches[2:] == [([3], False)]


def test_no_batch_waits_if_no_other_item_is_expected():
    async def scenario(batcher, compute):
        await occupy_one_worker(batcher, compute)
        await asyncio.gather(*batcher.submit([3]))

    policy = BatchPolicy(n_workers=2, max_batch=8, capacity=100, max_delay_s=0)
    assert run(policy, scenario)[2:] == [([3], False)]


def test_an_item_is_not_alone_if_others_are_being_prepared():
    async def scenario(batcher, compute):
        compute.gate.set()
        await asyncio.gather(*batcher.submit([1]))

    policy = BatchPolicy(n_workers=2, max_batch=8, capacity=100, n_preparing=lambda: 1)
    assert run(policy, scenario) == [([1], False)]


def test_after_a_batch_the_next_one_waits_for_the_same_clients():
    async def scenario(batcher, compute):
        compute.gate.set()
        await asyncio.gather(*batcher.submit([1, 2, 3, 4]))
        futures = []
        for item in (5, 6):
            futures += batcher.submit([item])
            assert batcher.n_waiting == len(futures)
        futures += batcher.submit([7, 8])
        await asyncio.gather(*futures)

    batches = run(BatchPolicy(n_workers=2, max_batch=8, capacity=100, max_delay_s=3600), scenario)
    assert sorted(items for items, _ in batches) == [[1, 2], [3, 4], [5, 6], [7, 8]]


@pytest.mark.parametrize("n_pauses", [0, 3])
def test_no_batch_waits_for_clients_that_pause(n_pauses):
    async def scenario(batcher, compute):
        compute.gate.set()
        for pause in range(n_pauses + 1):
            await asyncio.sleep(2 * batcher.policy.max_delay_s if pause else 0)
            await asyncio.gather(*batcher.submit([1, 2, 3, 4, 5, 6, 7, 8]))
        futures = batcher.submit([9])
        assert batcher.n_waiting == (0 if n_pauses else 1)
        await asyncio.gather(*futures, *batcher.submit([10, 11, 12, 13, 14, 15, 16]))

    max_delay_s = 0.02 if n_pauses else 3600
    run(BatchPolicy(n_workers=2, max_batch=8, capacity=100, max_delay_s=max_delay_s), scenario)


def test_a_single_client_never_waits():
    async def scenario(batcher, compute):
        compute.gate.set()
        for item in range(3):
            await asyncio.gather(*batcher.submit([item]))

    batches = run(BatchPolicy(n_workers=2, max_batch=8, capacity=100, max_delay_s=3600), scenario)
    assert batches == [([0], True), ([1], True), ([2], True)]


def test_a_full_batch_is_not_delayed():
    async def scenario(batcher, compute):
        batcher.submit([1])
        await wait_until(lambda: compute.batches)
        batcher.submit([2, 3])
        assert batcher.n_waiting == 0
        await wait_until(lambda: len(compute.batches) == 2)

    batches = run(BatchPolicy(n_workers=2, max_batch=2, capacity=100, max_delay_s=3600), scenario)
    assert batches == [([1], True), ([2, 3], False)]


def test_a_full_queue_refuses_all_items_of_a_request_or_none():
    async def scenario(batcher, compute):
        batcher.submit([1])
        await wait_until(lambda: compute.batches)
        accepted = batcher.submit([2, 3])
        with pytest.raises(OverloadedError, match="too many requests are waiting \\(retry later\\)"):
            batcher.submit([4, 5])
        assert batcher.n_waiting == 2
        last = batcher.submit([6])
        with pytest.raises(OverloadedError):
            batcher.check_capacity()
        compute.gate.set()
        assert await asyncio.gather(*accepted, *last) == [4, 6, 12]

    run(BatchPolicy(n_workers=1, max_batch=8, capacity=3), scenario)


def test_cancelled_items_are_not_computed_and_an_exception_reaches_its_requests():
    async def scenario(batcher, compute):
        batcher.submit([1])
        await wait_until(lambda: compute.batches)
        (cancelled,) = batcher.submit([2])
        cancelled.cancel()
        (failing,) = batcher.submit([-1])
        compute.gate.set()
        with pytest.raises(ZeroDivisionError):
            await failing
        assert await batcher.submit([4])[0] == 8

    batches = run(BatchPolicy(n_workers=1, max_batch=8, capacity=9), scenario)
    assert [items for items, _ in batches] == [[1], [-1], [4]]


@pytest.mark.parametrize("n_workers", [0, 1])
def test_a_request_that_is_cancelled_during_its_computation_does_not_affect_others(n_workers):
    async def scenario(batcher, compute):
        first, second = batcher.submit([1, 2])
        if n_workers:
            await wait_until(lambda: compute.batches)
        first.cancel()
        compute.gate.set()
        assert await second == 4

    run(BatchPolicy(n_workers=n_workers, max_batch=8, capacity=9), scenario)


def test_closing_completes_the_waiting_items():
    async def scenario(batcher, compute):
        futures = batcher.submit([1, 2, 3])
        compute.gate.set()
        await batcher.close()
        assert [future.result() for future in futures] == [2, 4, 6]

    assert [items for items, _ in run(BatchPolicy(1, 2, 9), scenario)] == [[1, 2], [3]]


def test_items_in_the_background_take_the_places_that_others_leave_and_at_least_one():
    async def scenario(batcher, compute):
        futures = batcher.submit([0])
        await wait_until(lambda: compute.batches)
        futures += batcher.submit([11, 12, 13], in_background=True)
        futures += batcher.submit(range(1, 7))
        assert batcher.n_waiting == 9
        compute.gate.set()
        assert await asyncio.gather(*futures) == [0, 22, 24, 26, *range(2, 14, 2)]

    batches = run(BatchPolicy(n_workers=1, max_batch=4, capacity=9), scenario)
    assert [items for items, _ in batches] == [[0], [1, 2, 3, 11], [4, 5, 6, 12], [13]]
