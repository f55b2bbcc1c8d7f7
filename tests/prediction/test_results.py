"""The iterator over results."""

from __future__ import annotations

from imagemood.errors import InputError
from imagemood.prediction.result import Result
from imagemood.prediction.results import Results


def test_results_are_an_iterator_that_can_be_closed():
    closed = []

    def generate():
        try:
            yield Result("a")
            yield Result("b", error=InputError("missing"))
            yield Result("c")
        finally:
            closed.append(True)

    results = Results(generate(), ("awe", "fear"))
    assert iter(results) is results
    assert next(results).labels == ()
    assert next(results).labels == ("awe", "fear")
    assert "to_dataframe()" in repr(results)
    results.close()
    assert closed == [True]
    assert list(results) == []


def test_the_remaining_results_become_a_table():
    results = Results(Result(name) for name in "abc")
    next(results)
    assert results.to_dataframe(backend="polars")["image"].to_list() == ["b", "c"]
