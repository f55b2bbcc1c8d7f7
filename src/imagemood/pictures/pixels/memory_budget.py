"""A budget of memory for decoding, which all threads of a process share.

Large pictures are decoded one after the other if they do not fit the budget together. Small pictures, which nearly
all photos are because JPEG files are decoded at a reduced scale, are decoded without waiting.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from imagemood import _available_memory
from imagemood.errors import ImageError, InputError

SETTING = "IMAGEMOOD_DECODE_MEMORY_MB"
"""The environment variable that sets the budget; it defaults to half of the available memory."""
SMALL_BYTES = 32_000_000
"""Memory below which a picture does not count."""
MIN_BYTES = 256_000_000
"""The smallest default budget."""
_SHARE = 0.5
_NOTHING = nullcontext()


class Budget(Protocol):
    """Grants memory for decoding large pictures."""

    def reserve(self, n_bytes: int, *, name: str) -> AbstractContextManager[None]:
        """Return a context in which `n_bytes` of memory are reserved for the picture `name`.

        Entering it waits until the memory is free, and raises `ImageError` if the budget is too small.
        """
        ...


class MemoryBudget:
    """A number of bytes that several threads share, first come, first served.

    Examples
    --------
    >>> budget = MemoryBudget(300_000_000)
    >>> with budget.reserve(200_000_000, name="large.png"):
    ...     budget.n_reserved
    200000000
    >>> with budget.reserve(400_000_000, name="huge.png"):
    ...     pass
    Traceback (most recent call last):
        ...
    imagemood.errors.ImageError: huge.png: decoding needs about 400 MB of memory, but the limit is 300 MB (free \
memory, or set IMAGEMOOD_DECODE_MEMORY_MB)
    """

    def __init__(self, n_bytes: int) -> None:
        self.n_bytes = n_bytes
        self.n_reserved = 0
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def reserve(self, n_bytes: int, *, name: str) -> Iterator[None]:
        """Reserve memory for a picture, and wait until it is free; see `Budget`."""
        if n_bytes > self.n_bytes:
            raise ImageError(
                f"decoding needs about {-(-n_bytes // 1_000_000):,} MB of memory, "
                f"but the limit is {self.n_bytes // 1_000_000:,} MB",
                where=name,
                hint=f"free memory, or set {SETTING}",
            )
        self._acquire(n_bytes)
        try:
            yield
        finally:
            with self._changed:
                self.n_reserved -= n_bytes
                self._changed.notify_all()

    def _acquire(self, n_bytes: int) -> None:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._waiting[0] is not ticket or self.n_reserved + n_bytes > self.n_bytes:
                    self._changed.wait()
                self.n_reserved += n_bytes
            finally:  # also if the user interrupts the wait
                self._waiting.remove(ticket)
                self._changed.notify_all()


_lock = threading.Lock()
_budget: Budget | None = None
_n_processes = 1


def reserve(n_bytes: int, *, name: str) -> AbstractContextManager[None]:
    """Reserve memory of this process's budget for a picture; see `Budget.reserve`. Small pictures do not count."""
    if n_bytes <= SMALL_BYTES:
        return _NOTHING
    return shared().reserve(n_bytes, name=name)


def shared() -> Budget:
    """Return the budget of this process."""
    global _budget  # noqa: PLW0603
    with _lock:
        if _budget is None:
            _budget = MemoryBudget(default_bytes() // _n_processes)
        return _budget


def use(budget: Budget) -> None:
    """Replace the budget of this process."""
    global _budget  # noqa: PLW0603
    with _lock:
        _budget = budget


def divide_by(n_processes: int) -> None:
    """Declare the number of processes that share the machine; call it before any picture is decoded."""
    global _n_processes  # noqa: PLW0603
    _n_processes = n_processes


def default_bytes() -> int:
    """Return the budget that the environment variable sets, or else half of the memory that is available now."""
    configured = configured_bytes()
    if configured is not None:
        return configured
    return max(MIN_BYTES, int(_available_memory.available_bytes() * _SHARE))


def configured_bytes() -> int | None:
    """Return the budget that the environment variable sets; raise `InputError` if it is not a positive number."""
    text = os.environ.get(SETTING, "").strip()
    if not text:
        return None
    try:
        n_bytes = int(float(text) * 1e6)
    except (ValueError, OverflowError):
        n_bytes = 0
    if n_bytes <= 0:
        raise InputError(f"'{text}' is not a positive number of megabytes", where=SETTING)
    return n_bytes
