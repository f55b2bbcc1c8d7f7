"""Micro-batching: items of concurrent requests are computed together, with a bounded queue."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from imagemood.serve.inference.pace import Pace

Item = TypeVar("Item")
Output = TypeVar("Output")
_MIN_FOLLOW_RATE = 0.8  # with which it is worth waiting for the next items of the same clients
_FOLLOW_WEIGHT = 0.02  # of an item in the average of this rate


@dataclass(frozen=True)
class BatchPolicy:
    """Rules by which items are grouped into batches.

    With `n_workers` = 0, batches are computed in the event loop, one per iteration. This is faster if a batch
    takes less time than handing it to a thread.

    A batch waits for more items only if some are being prepared, or if clients are likely to send their next ones.
    """

    n_workers: int  # threads that compute at the same time
    max_batch: int  # items in a batch
    capacity: int  # items that may wait; more are refused
    max_delay_s: float = 0.004  # how long a batch waits for more items if another one is, or was just, computed
    n_preparing: Callable[[], int] = lambda: 0  # items that will soon be submitted


class Batcher(Generic[Item, Output]):
    """A bounded queue in front of a few threads. All methods must be called in the event loop's thread.

    The function `compute` returns the outputs of a list of items, in order. Its second argument is True if no
    other batch is being computed and no other item is waiting or being prepared. The function `observe` is called
    with the size of each batch.
    """

    def __init__(
        self,
        name: str,
        compute: Callable[[list[Item], bool], Sequence[Output]],
        policy: BatchPolicy,
        observe: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.name = name
        self.policy = policy
        self.pace = Pace()
        self._compute = compute
        self._observe = observe
        self._waiting: deque[tuple[Item, asyncio.Future[Output]]] = deque()
        self._background: deque[tuple[Item, asyncio.Future[Output]]] = deque()
        # The pool starts no thread before it is used.
        self._pool = ThreadPoolExecutor(max(1, policy.n_workers), thread_name_prefix=name)
        self._max_background = max(1, policy.max_batch // 2)  # in a batch
        self._is_scheduled = False
        self._n_running = 0
        self._n_computing = 0  # items
        self._n_following = 0  # items that the clients of the last batches may submit until `_follow_until`
        self._follow_until = 0.0
        self._follow_rate = 1.0  # the share of these that were submitted in time, as an average
        self._timer: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()

    @property
    def n_waiting(self) -> int:
        """Number of items in the queue."""
        return len(self._waiting) + len(self._background)

    def check_capacity(self, n_items: int = 1) -> None:
        """Raise `OverloadedError` if `n_items` more items would exceed the queue's capacity."""
        if self.n_waiting + n_items > self.policy.capacity:
            self._remove_cancelled()
        if self.n_waiting + n_items > self.policy.capacity:
            raise self.pace.overloaded(self.n_waiting)

    def _remove_cancelled(self) -> None:
        for queue in (self._waiting, self._background):
            entries = [entry for entry in queue if not entry[1].done()]
            queue.clear()
            queue.extend(entries)

    def submit(self, items: Sequence[Item], *, in_background: bool = False) -> list[asyncio.Future[Output]]:
        """Queue all items, or none, and return a future for each. Items whose future is cancelled are skipped.

        Items in the background receive the places in batches that others leave, at least one and at most half of
        them, so that the others need not wait for long. Their number is not limited here.
        """
        if not in_background:
            self.check_capacity(len(items))
        self._note_arrived(len(items))
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Output]] = [loop.create_future() for _ in items]
        (self._background if in_background else self._waiting).extend(zip(items, futures, strict=True))
        if self.policy.n_workers:
            self._dispatch(may_delay=True)
        elif not self._is_scheduled:
            self._is_scheduled = True
            loop.call_soon(self._run_in_event_loop)
        return futures

    def _take(self, n_items: int) -> list[tuple[Item, asyncio.Future[Output]]]:
        n_reserved = 1 if self._background and n_items > 1 else 0
        n_first = min(len(self._waiting), n_items - n_reserved)
        n_background = min(len(self._background), n_items - n_first, self._max_background)
        taken = [self._waiting.popleft() for _ in range(n_first)]
        taken += [self._background.popleft() for _ in range(n_background)]
        return [entry for entry in taken if not entry[1].done()]

    def _run_in_event_loop(self) -> None:
        self._is_scheduled = False
        batch = self._take(min(self.policy.max_batch, self.n_waiting))
        if self.n_waiting:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._run_in_event_loop)
        if batch:
            self._observe(len(batch))
            try:
                _set_results(batch, self._compute([item for item, _ in batch], True))
            except Exception as error:  # the requests that wait for it raise it
                _set_exception(batch, error)

    def _dispatch(self, *, may_delay: bool) -> None:
        """Distribute the waiting items evenly over the idle workers."""
        may_delay = may_delay and (self._n_running > 0 or self._n_expected() > 0)
        while self.n_waiting and self._n_running < self.policy.n_workers:
            limit = self._fair_share() if self._waiting else min(self._fair_share(), self._max_background)
            n_items = min(limit, -(-self.n_waiting // (self.policy.n_workers - self._n_running)))
            if may_delay and n_items < limit and (self._n_expected() or self.policy.n_preparing()):
                self._delay()
                return
            batch = self._take(n_items)
            self._cancel_timer()
            if batch:
                is_only = len(batch) == 1 and not self.n_waiting and not self._n_running
                alone = is_only and not self.policy.n_preparing()
                self._n_running += 1
                self._n_computing += len(batch)
                task = asyncio.ensure_future(self._run_in_thread(batch, alone))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    def _fair_share(self) -> int:
        """Return the size of a batch if all items, with those that are expected, were distributed evenly."""
        n_items = self._n_computing + self.n_waiting + self._n_expected()
        return min(self.policy.max_batch, max(1, -(-n_items // self.policy.n_workers)))

    def _n_expected(self) -> int:
        """Return the number of items that the clients of the last batches are likely to submit in a moment."""
        is_likely = self._follow_rate > _MIN_FOLLOW_RATE and time.monotonic() < self._follow_until
        return self._n_following if is_likely else 0

    def _note_arrived(self, n_items: int) -> None:
        """Count items as those that were expected, if any were, and expect the others soon."""
        now = time.monotonic()
        if now < self._follow_until:
            n_followed = min(n_items, self._n_following)
            self._n_following -= n_followed
            self._update_follow_rate(1.0, n_followed)
            self._follow_until = max(self._follow_until, now + self.policy.max_delay_s / 4)

    def _update_follow_rate(self, value: float, n_items: int) -> None:
        """Note that a number of expected items were submitted in time (1.0), or were not (0.0)."""
        self._follow_rate += (value - self._follow_rate) * min(1.0, _FOLLOW_WEIGHT * n_items)

    def _delay(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.policy.max_delay_s, self._end_delay)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end_delay(self) -> None:
        self._timer = None
        self._dispatch(may_delay=False)

    async def _run_in_thread(self, batch: list[tuple[Item, asyncio.Future[Output]]], alone: bool) -> None:
        self._observe(len(batch))
        items = [item for item, _ in batch]
        try:
            outputs = await asyncio.get_running_loop().run_in_executor(self._pool, self._compute, items, alone)
        except Exception as error:  # the requests that wait for it raise it
            _set_exception(batch, error)
        else:
            _set_results(batch, outputs)
        finally:
            self._note_completed(len(batch))
            self._dispatch(may_delay=True)

    def _note_completed(self, n_items: int) -> None:
        self._n_running -= 1
        self._n_computing -= n_items
        now = time.monotonic()
        if now >= self._follow_until:
            self._update_follow_rate(0.0, self._n_following)
            self._n_following = 0
        self._n_following += n_items
        self._follow_until = now + self.policy.max_delay_s

    async def close(self) -> None:
        """Compute the items that wait, then stop the threads."""
        while self.n_waiting or self._running:
            await asyncio.gather(*self._running, asyncio.sleep(0))
        self._pool.shutdown()


def _set_results(batch: list[tuple[Item, asyncio.Future[Output]]], outputs: Sequence[Output]) -> None:
    for (_, future), output in zip(batch, outputs, strict=True):
        if not future.done():
            future.set_result(output)


def _set_exception(batch: list[tuple[Item, asyncio.Future[Output]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
