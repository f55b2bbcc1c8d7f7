"""Keeps the warnings and log messages of decoders from the standard error stream."""

from __future__ import annotations

import logging
import re
import threading
import warnings
from types import TracebackType
from typing import Any, cast

_FILTER = ("ignore", None, Warning, re.compile(r"(PIL|pi_heif|rawpy|av|imagemood\.pictures)\b"), 0)
_lock = threading.Lock()
_n_active = 0
# Without a handler, Python writes errors that Pillow logs to the standard error stream.
logging.getLogger("PIL").addHandler(logging.NullHandler())


class WarningsIgnored:
    """A context in which warnings of decoders are ignored, in all threads.

    Contexts of several threads may overlap, unlike those of `warnings.catch_warnings`, which would then leave its
    filters behind. The filter is installed by the first one and removed by the last one.

    Examples
    --------
    >>> before = list(warnings.filters)
    >>> with WarningsIgnored():
    ...     len(warnings.filters) - len(before)
    1
    >>> warnings.filters == before
    True
    """

    def __enter__(self) -> None:
        global _n_active  # noqa: PLW0603
        with _lock:
            _n_active += 1
            if _n_active == 1:
                _filters().insert(0, _FILTER)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        global _n_active  # noqa: PLW0603
        with _lock:
            _n_active -= 1
            if _n_active == 0 and _FILTER in _filters():  # another thread may have replaced the list
                _filters().remove(_FILTER)


def _filters() -> list[Any]:
    return cast("list[Any]", warnings.filters)
