"""Progress of a computation, in terminals and notebooks."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

T = TypeVar("T")
Update = Callable[[int, int | None], object]
"""Called with the number of finished items and their total, if it is known."""
Progress = bool | Update
"""Whether to show a progress bar, or a function to call after each item."""
_INTERVAL_S = 0.1


def track(items: Iterator[T], total: int | None, progress: Progress) -> Generator[T]:
    """Yield the items, and report their number.

    With `progress` true, a terminal shows a progress bar on standard error, and a notebook shows one, too; in a
    pipe or a file there is none.

    Examples
    --------
    >>> list(track(iter("ab"), 2, print))
    1 2
    2 2
    ['a', 'b']
    """
    with _display(progress) as update:
        for n_done, item in enumerate(items, start=1):
            update(n_done, total)
            yield item


def _display(progress: Progress) -> AbstractContextManager[Update]:
    if callable(progress):
        return nullcontext(progress)
    if progress and _is_notebook():
        return _in_notebook()
    if progress and sys.stderr is not None and sys.stderr.isatty():
        return _in_terminal()
    return nullcontext(lambda n_done, total: None)  # noqa: ARG005


def _is_notebook() -> bool:
    """Return whether this program is a notebook, which has an IPython shell with a kernel."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return hasattr(shell, "kernel")


@contextmanager
def _in_notebook() -> Iterator[Update]:
    ipython: Any = importlib.import_module("IPython.display")
    handle = ipython.display(ipython.HTML(_bar(0, None)), display_id=True)
    last: tuple[int, int | None] = (0, None)
    shown_at = 0.0

    def update(n_done: int, total: int | None) -> None:
        nonlocal last, shown_at
        last = (n_done, total)
        if time.monotonic() - shown_at > _INTERVAL_S:
            handle.update(ipython.HTML(_bar(*last)))
            shown_at = time.monotonic()

    try:
        yield update
    finally:
        handle.update(ipython.HTML(_bar(*last)))


def _bar(n_done: int, total: int | None) -> str:
    if total is None:
        return f"{n_done:,} pictures"
    return f'<progress value="{n_done}" max="{max(total, 1)}"></progress> {n_done:,} of {total:,} pictures'


@contextmanager
def _in_terminal() -> Iterator[Update]:
    from rich.console import Console  # noqa: PLC0415 (slow to import)
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Display  # noqa: PLC0415

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("pictures"), TimeRemainingColumn())
    with Display(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task("", total=None)
        yield lambda n_done, total: display.update(task, completed=n_done, total=total)
