from __future__ import annotations

import numpy as np
import pytest

from imagemood.albums.collection import from_results, join
from imagemood.prediction.result import Result

LABELS = ("awe", "fear")


def results(n, *, embedding=True):
    return [
        Result(
            f"{(7 * i) % n:05d}",
            labels=LABELS,
            probabilities=np.array([0.25, 0.75]),
            embedding=np.full(3, (7 * i) % n, np.float32) if embedding else None,
        )
        for i in range(n)
    ]


@pytest.mark.parametrize("n", [0, 1, 600])
def test_results_become_arrays_that_are_sorted_by_name(n):
    whole = join(from_results(results(n), LABELS), LABELS)
    assert whole.images == [f"{i:05d}" for i in range(n)]
    assert whole.probabilities.shape == (n, 2)
    if n:
        assert whole.require_embeddings()[:, 0].tolist() == list(range(n))


def test_embeddings_may_be_missing():
    assert join(from_results(results(2, embedding=False), LABELS), LABELS).embeddings is None
