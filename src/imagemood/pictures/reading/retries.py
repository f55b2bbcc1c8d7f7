"""The retry policy for servers and object stores: only transient failures, after increasing random delays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from imagemood import _extras
from imagemood.errors import UnavailableError

N_ATTEMPTS = 5
"""Number of attempts, including the first."""
DELAY_S = 1.0
"""Upper bound of the first delay, in seconds, which doubles with each attempt. Delays are random, so that clients
that failed at the same time do not all retry at the same time."""
MAX_DELAY_S = 20.0
"""Largest upper bound of a delay, in seconds."""
TRANSIENT_STATUS = (408, 429, 500, 502, 503, 504)
"""HTTP status codes after which another attempt may succeed."""
_T = TypeVar("_T")


def retry(attempt: Callable[[], _T]) -> _T:
    """Call a function until it no longer raises `UnavailableError`, at most `N_ATTEMPTS` times."""
    with _extras.needs("web"):
        import tenacity  # noqa: PLC0415 (slow to import, and rarely needed)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(UnavailableError),
        stop=tenacity.stop_after_attempt(N_ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=DELAY_S, max=MAX_DELAY_S),
        reraise=True,
    )
    return retrying(attempt)
