"""Counts the memory that requests use: bodies, fetched pictures, decoded pixels, tag rows and responses."""

from __future__ import annotations

import time
from collections.abc import Callable

from imagemood.errors import InputError, OverloadedError

MIN_AGE_S = 1.0
"""Time after which something that waits for its client may be given up if memory is short."""


class MemoryInFlight:
    """The memory of all requests of a process together.

    Parameters
    ----------
    max_bytes : int
        The limit.

    Examples
    --------
    >>> memory = MemoryInFlight(100)
    >>> with memory.hold() as held:
    ...     held.add(60)
    ...     memory.n_bytes
    60
    >>> memory.n_bytes
    0
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.n_bytes = 0
        self._evictable: dict[HeldMemory, float] = {}  # in the order of their start

    def hold(self, max_bytes: int | None = None) -> HeldMemory:
        """Return an object that counts the memory of a request, until its ``with`` block ends."""
        return HeldMemory(self, max_bytes)

    def reserve(self, n_bytes: int, held: HeldMemory) -> None:
        """Count more memory, and give up what waits for its client for the longest time if there is not enough.

        Raises
        ------
        OverloadedError
            If there is still not enough memory.
        """
        if self.n_bytes + n_bytes > self.max_bytes:
            self._reduce_memory(n_bytes, held)
        self.n_bytes += n_bytes

    def _reduce_memory(self, n_bytes: int, requester: HeldMemory) -> None:
        latest_start = time.monotonic() - MIN_AGE_S
        for held, start in list(self._evictable.items()):
            if start > latest_start or self.n_bytes + n_bytes <= self.max_bytes:
                break
            if held is not requester:
                held.evict()
        if self.n_bytes + n_bytes > self.max_bytes:
            raise OverloadedError("the requests being processed are too large", hint="retry later")

    def set_evictable(self, held: HeldMemory, *, is_evictable: bool) -> None:
        """Declare whether the memory may be released early because it waits for a client."""
        if is_evictable:
            self._evictable[held] = time.monotonic()
        else:
            self._evictable.pop(held, None)


class HeldMemory:
    """The memory of one request, or of one response.

    Parameters
    ----------
    memory : MemoryInFlight
        The memory of all requests.
    max_bytes : int, optional
        A limit on what the client, and the servers that it names, send for this request.
    """

    def __init__(self, memory: MemoryInFlight, max_bytes: int | None = None) -> None:
        self.n_bytes = 0
        self._memory = memory
        self._max_bytes = max_bytes
        self._n_received = 0
        self._on_evict: Callable[[], None] | None = None

    def __enter__(self) -> HeldMemory:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def add(self, n_bytes: int) -> None:
        """Count more memory; raise `OverloadedError` if all requests together would use too much."""
        self._memory.reserve(n_bytes, self)
        self.n_bytes += n_bytes

    def receive(self, n_bytes: int) -> None:
        """Count a part of the body, or of a picture that is fetched; raise `InputError` if these are too large."""
        self._n_received += n_bytes
        if self._max_bytes is not None and self._n_received > self._max_bytes:
            raise InputError(f"too large: the request and its pictures exceed {self._max_bytes:,} bytes")
        self.add(n_bytes)

    def release(self, n_bytes: int | None = None) -> None:
        """Stop counting a number of bytes, by default all."""
        n_bytes = self.n_bytes if n_bytes is None else min(n_bytes, self.n_bytes)
        self._memory.n_bytes -= n_bytes
        self.n_bytes -= n_bytes
        if not self.n_bytes:
            self.keep()

    def allow_eviction(self, on_evict: Callable[[], None]) -> None:
        """Declare that the memory waits for a client, and how to release it if it is needed."""
        self._on_evict = on_evict
        self._memory.set_evictable(self, is_evictable=True)

    def keep(self) -> None:
        """Declare that the memory does not wait for a client any more."""
        self._on_evict = None
        self._memory.set_evictable(self, is_evictable=False)

    def evict(self) -> None:
        """Release the memory at once."""
        on_evict = self._on_evict
        self.release()
        self.keep()
        if on_evict is not None:
            on_evict()
