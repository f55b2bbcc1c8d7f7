"""Batches that are worked on side by side."""

from __future__ import annotations

import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.pictures.sources import as_pictures
from imagemood.prediction.pipeline import even_batch, stream
from imagemood.prediction.result import Result

COST = 0.1


def end(n_pictures: int, n_workers: int, n_batch: int) -> float:
    """Tell when the last worker ends, if whoever is free takes the next batch."""
    free = [0.0] * n_workers
    for start in range(0, n_pictures, n_batch):
        heapq.heappush(free, heapq.heappop(free) + min(n_batch, n_pictures - start) + COST)
    return max(free)


@given(st.integers(1, 500), st.integers(1, 16), st.integers(1, 32))
def test_batches_end_no_later_than_pictures_one_by_one_would(n_pictures, n_workers, n_most):
    chosen = even_batch(n_pictures, n_workers, n_most)
    assert 1 <= chosen <= n_most
    assert end(n_pictures, n_workers, chosen) <= end(n_pictures, n_workers, 1) + 1e-9


@pytest.mark.parametrize(
    ("n_pictures", "n_workers", "expected"),
    [(1, 2, [1]), (10, 2, [5, 5]), (17, 2, [3] * 5 + [2]), (9, 1, [3, 3, 3]), (64, 2, [8] * 8)],
)
def test_pictures_are_shared_out_evenly(sample_photos, n_pictures, n_workers, expected):
    sizes = []

    def work(names, pixels):
        sizes.append(len(names))
        return [Result(name) for name in names]

    pictures = as_pictures([sample_photos / "coffee.png"] * n_pictures)
    results = list(stream(pictures, work, size_px=32, n_workers=n_workers, n_batch=8))
    assert len(results) == n_pictures
    assert sorted(sizes, reverse=True) == expected
