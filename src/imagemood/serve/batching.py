"""Micro-batches: what several connections ask at the same time is computed together, within bounds."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from imagemood.errors import OverloadedError

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Plan:
    """How items are put together.

    Attributes
    ----------
    n_workers : int
        Threads that work side by side. With 0, the event loop itself works, once in each of its turns: for what is
        done sooner than another thread would take it up.
    n_batch : int
        Items of a batch at most.
    capacity : int
        Items that may wait; further ones are refused.
    patience_s : float
        How long a batch may wait for company while others are computed. One that has the machine for itself never
        waits.
    """

    n_workers: int
    n_batch: int
    capacity: int
    patience_s: float = 0.002


class Batcher(Generic[Item, Answer]):
    """A bounded queue in front of a few threads. All methods belong to the event loop's thread.

    Parameters
    ----------
    name : str
        What to call it in metrics and threads' names.
    work : callable
        Items, and whether nothing else is computed meanwhile, to their answers in order. It runs in a thread.
    plan : Plan
        How items are put together.
    observe : callable, optional
        Called with the size of each batch.

    Attributes
    ----------
    n_waiting : int
        Items in the queue.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[list[Item], bool], Sequence[Answer]],
        plan: Plan,
        observe: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.name = name
        self.plan = plan
        self._work = work
        self._observe = observe
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._pool = ThreadPoolExecutor(max(1, plan.n_workers), thread_name_prefix=name)  # starts none by itself
        self._is_due = False
        self._n_running = 0
        self._timer: asyncio.TimerHandle | None = None
        self._running: set[asyncio.Task[None]] = set()

    @property
    def n_waiting(self) -> int:
        """Items in the queue."""
        return len(self._waiting)

    def check_room(self, n_items: int = 1) -> None:
        """Refuse what would not find room.

        Parameters
        ----------
        n_items : int
            How many items are to be asked about.

        Raises
        ------
        OverloadedError
            If the queue has no room for all of them.
        """
        if len(self._waiting) + n_items > self.plan.capacity:
            raise OverloadedError("the service has more to do than it can keep waiting", hint="ask again later")

    def submit(self, items: Sequence[Item]) -> list[asyncio.Future[Answer]]:
        """Queue items, all or none.

        Parameters
        ----------
        items : sequence
            What to work on.

        Returns
        -------
        list of Future
            An answer for each. Cancelled before its turn, an item is not worked on.

        Raises
        ------
        OverloadedError
            If the queue has no room for all of them.
        """
        self.check_room(len(items))
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Answer]] = [loop.create_future() for _ in items]
        self._waiting.extend(zip(items, futures, strict=True))
        if self.plan.n_workers:
            self._dispatch(patient=True)
        elif not self._is_due:
            self._is_due = True
            loop.call_soon(self._work_here)
        return futures

    def _take(self, n_items: int) -> list[tuple[Item, asyncio.Future[Answer]]]:
        taken = [self._waiting.popleft() for _ in range(n_items)]
        return [entry for entry in taken if not entry[1].done()]

    def _work_here(self) -> None:
        self._is_due = False
        batch = self._take(min(self.plan.n_batch, len(self._waiting)))
        if self._waiting:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._work_here)
        if batch:
            self._observe(len(batch))
            try:
                _give(batch, self._work([item for item, _ in batch], True))
            except Exception as error:  # whoever asked gets it
                _fail(batch, error)

    def _dispatch(self, *, patient: bool) -> None:
        """Hand waiting items to idle workers, evenly."""
        patient = patient and self._n_running > 0
        while self._waiting and self._n_running < self.plan.n_workers:
            n_idle = self.plan.n_workers - self._n_running
            n_items = min(self.plan.n_batch, -(-len(self._waiting) // n_idle))
            if patient and n_items < self.plan.n_batch:
                self._wait_for_company()
                return
            batch = self._take(n_items)
            if batch:
                alone = len(batch) == 1 and not self._waiting and not self._n_running
                self._n_running += 1
                task = asyncio.ensure_future(self._run(batch, alone))
                self._running.add(task)
                task.add_done_callback(self._running.discard)

    def _wait_for_company(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self.plan.patience_s, self._end_of_patience)

    def _end_of_patience(self) -> None:
        self._timer = None
        self._dispatch(patient=False)

    async def _run(self, batch: list[tuple[Item, asyncio.Future[Answer]]], alone: bool) -> None:
        self._observe(len(batch))
        items = [item for item, _ in batch]
        try:
            answers = await asyncio.get_running_loop().run_in_executor(self._pool, self._work, items, alone)
        except Exception as error:  # whoever asked gets it
            _fail(batch, error)
        else:
            _give(batch, answers)
        finally:
            self._n_running -= 1
            self._dispatch(patient=False)

    async def close(self) -> None:
        """Finish what was taken up, and let the threads go."""
        while self._waiting or self._running:
            await asyncio.gather(*self._running, asyncio.sleep(0))
        self._pool.shutdown()


def _give(batch: list[tuple[Item, asyncio.Future[Answer]]], answers: Sequence[Answer]) -> None:
    for (_, future), answer in zip(batch, answers, strict=True):
        if not future.done():
            future.set_result(answer)


def _fail(batch: list[tuple[Item, asyncio.Future[Answer]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
