"""Estimates how long the items of a queue will take, so that clients that are refused know when to retry."""

from __future__ import annotations

from imagemood.errors import OverloadedError

_WEIGHT = 0.1  # of the newest measurement in the average


class Pace:
    """The time that a queue takes for an item, as an average in which recent items weigh more.

    Examples
    --------
    >>> pace = Pace()
    >>> pace.add(5.0, n_items=10)
    >>> pace.seconds_for(100)
    50.0
    """

    def __init__(self) -> None:
        self._item_s: float | None = None

    def add(self, seconds: float, n_items: int) -> None:
        """Note the time in which a number of items left the queue."""
        item_s = seconds / n_items
        self._item_s = item_s if self._item_s is None else self._item_s + _WEIGHT * (item_s - self._item_s)

    def seconds_for(self, n_items: int) -> float:
        """Return the time for some items, which is 0 before any item has been processed."""
        return n_items * (self._item_s or 0.0)

    def overloaded(self, n_waiting: int) -> OverloadedError:
        """Return the error of a full queue, with the time until the items that wait will have been processed."""
        error = OverloadedError("too many requests are waiting", hint="retry later")
        return error.after(self.seconds_for(n_waiting))
