from __future__ import annotations

import pytest

from imagemood.errors import InputError, OverloadedError
from imagemood.serve import memory
from imagemood.serve.memory import MemoryInFlight


def test_the_memory_of_all_requests_together_is_limited():
    total = MemoryInFlight(100)
    with total.hold() as first, total.hold() as second:
        first.add(60)
        second.add(40)
        with pytest.raises(OverloadedError, match="the requests being processed are too large"):
            first.add(1)
        second.release(10)
        first.add(10)
        assert (first.n_bytes, second.n_bytes, total.n_bytes) == (70, 30, 100)
    assert total.n_bytes == 0


def test_what_a_request_receives_is_limited():
    with MemoryInFlight(100).hold(10) as held:
        held.receive(6)
        with pytest.raises(InputError, match="the request and its pictures exceed 10 bytes"):
            held.receive(5)
        held.add(50)


def test_what_waits_for_its_client_for_the_longest_time_is_given_up(monkeypatch):
    monkeypatch.setattr(memory, "MIN_AGE_S", 0)
    total, evicted = MemoryInFlight(100), []
    with total.hold() as old, total.hold() as busy, total.hold() as young, total.hold() as new:
        for held, name in ((old, "old"), (busy, "busy"), (young, "young")):
            held.add(30)
            held.allow_eviction(lambda name=name: evicted.append(name))
        busy.keep()
        new.add(10)
        new.allow_eviction(lambda: evicted.append("new"))
        new.add(10)
        assert evicted == ["old"]
        new.add(50)
        assert evicted == ["old", "young"]
        with pytest.raises(OverloadedError):
            new.add(1)
        assert (old.n_bytes, new.n_bytes, total.n_bytes) == (0, 70, 100)
    assert total.n_bytes == 0


def test_what_has_just_begun_is_not_given_up():
    total = MemoryInFlight(100)
    with total.hold() as first, total.hold() as second:
        first.add(100)
        first.allow_eviction(lambda: pytest.fail("evicted"))
        with pytest.raises(OverloadedError):
            second.add(1)
