from __future__ import annotations

import pytest

from imagemood.errors import InputError, RemoteError, UnavailableError
from imagemood.pictures.reading import retries


def failing(*errors: Exception):
    """Return a function that raises these errors one after another and then returns, and the list of its calls."""
    remaining, calls = list(errors), []

    def attempt() -> str:
        calls.append(len(calls))
        if remaining:
            raise remaining.pop(0)
        return "content"

    return attempt, calls


@pytest.mark.parametrize("n_failures", range(retries.N_ATTEMPTS))
def test_transient_failures_are_retried(n_failures):
    attempt, calls = failing(*[UnavailableError("busy")] * n_failures)
    assert retries.retry(attempt) == "content"
    assert len(calls) == n_failures + 1


def test_the_last_error_is_raised_when_attempts_are_exhausted():
    errors = [UnavailableError(f"attempt {i}") for i in range(retries.N_ATTEMPTS + 1)]
    attempt, calls = failing(*errors)
    with pytest.raises(UnavailableError, match="attempt 4"):
        retries.retry(attempt)
    assert len(calls) == retries.N_ATTEMPTS


@pytest.mark.parametrize("error", [RemoteError("forbidden"), InputError("too large"), KeyError("a bug")])
def test_other_errors_are_not_retried(error):
    attempt, calls = failing(error)
    with pytest.raises(type(error)):
        retries.retry(attempt)
    assert len(calls) == 1


def test_bounds_of_the_delays_double_up_to_a_maximum(monkeypatch):
    import tenacity

    monkeypatch.setattr(retries, "DELAY_S", 1.0)
    monkeypatch.setattr(retries, "N_ATTEMPTS", 8)
    delays = []
    monkeypatch.setattr(tenacity.nap.time, "sleep", delays.append)
    attempt, _ = failing(*[UnavailableError("busy")] * 7)
    retries.retry(attempt)
    bounds = [1, 2, 4, 8, 16, 20, 20]
    assert all(0 <= delay <= bound for delay, bound in zip(delays, bounds, strict=True))
    assert len(set(delays)) == 7
