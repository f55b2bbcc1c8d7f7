from __future__ import annotations

import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.prediction.batch_size import balanced_batch_size, max_batch_size

OVERHEAD = 0.1


def finishing_time(n_pictures: int, n_workers: int, batch_size: int) -> float:
    """Simulate workers that each take the next batch when they are free, and return when the last one finishes."""
    free_at = [0.0] * n_workers
    for start in range(0, n_pictures, batch_size):
        duration = min(batch_size, n_pictures - start) + OVERHEAD
        heapq.heappush(free_at, heapq.heappop(free_at) + duration)
    return max(free_at)


@given(st.integers(1, 500), st.integers(1, 16), st.integers(1, 32))
def test_batches_finish_no_later_than_single_pictures(n_pictures, n_workers, max_size):
    chosen = balanced_batch_size(n_pictures, n_workers, max_size)
    assert 1 <= chosen <= max_size
    single = finishing_time(n_pictures, n_workers, 1)
    assert finishing_time(n_pictures, n_workers, chosen) <= single + 1e-9


@pytest.mark.parametrize(
    ("n_pictures", "n_workers", "expected"),
    [(1, 2, 1), (10, 2, 5), (17, 2, 3), (9, 1, 3), (64, 2, 8), (10_007, 2, 8), (100, 16, 7)],
)
def test_pictures_are_divided_evenly_among_workers(n_pictures, n_workers, expected):
    assert balanced_batch_size(n_pictures, n_workers, 8) == expected


def test_gpus_get_larger_batches():
    assert max_batch_size() == max_batch_size(on_gpu=False) == 8
    assert max_batch_size(on_gpu=True) == 32
