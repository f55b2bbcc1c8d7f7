"""The retry policy for servers and object stores: transient failures only, with growing random delays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from imagemood.errors import UnavailableError

N_ATTEMPTS = 5
"""Attempts in all."""
DELAY_S = 1.0
"""Upper bound of the first delay; each further bound is twice as long. Delays are random, so that clients which
were refused together do not return together."""
MAX_DELAY_S = 20.0
TRANSIENT_STATUS = (408, 429, 500, 502, 503, 504)
"""HTTP status codes after which another attempt may succeed."""
_T = TypeVar("_T")


def retry(attempt: Callable[[], _T]) -> _T:
    """Call a function again while it raises `UnavailableError`, up to `N_ATTEMPTS` times in all."""
    import tenacity  # noqa: PLC0415 (slow to import, and seldom needed)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(UnavailableError),
        stop=tenacity.stop_after_attempt(N_ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=DELAY_S, max=MAX_DELAY_S),
        reraise=True,
    )
    return retrying(attempt)
