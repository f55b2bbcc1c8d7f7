from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from imagemood.albums import summary
from imagemood.albums.collection import Collection

LABELS = ("awe", "fear", "joy")


def test_the_strongest_picture_of_each_mood():
    probabilities = np.array([[0.6, 0.4, 0], [0.7, 0.3, 0], [0.1, 0.9, 0], [0.5, 0.1, 0.4]])
    found = summary.strongest(Collection(LABELS, list("abcd"), probabilities, None))
    assert found == {"awe": 1, "fear": 2}


def test_the_periods_depend_on_the_time_that_an_album_lasts():
    start = datetime(2020, 1, 31, 23)
    for step, n, name in ((1, 40, "2020-01-31"), (1, 41, "2020-01"), (31, 200, "2020")):
        dates = [start + timedelta(days=step * i) for i in range(n)]
        periods = summary.timeline(["awe"] * n, dates[::-1])
        assert periods[0].name == name
        assert sum(period.n for period in periods) == n
        assert [period.name for period in periods] == sorted(period.name for period in periods)


def test_dates_with_and_without_offset_are_compared_in_local_time():
    dates = [datetime(2026, 5, 2, 0, 30, tzinfo=UTC), datetime(2026, 5, 1, 23), None]
    names = [period.name for period in summary.timeline(["awe", "fear", "joy"], dates)]
    assert names == ["2026-05-01", "2026-05-02"]
    assert summary.timeline(["awe"], [None]) == []


def test_outliers_are_those_without_neighbours():
    rng = np.random.default_rng(0)
    embeddings = (np.eye(4)[np.arange(60) % 3] + 0.01 * rng.normal(size=(60, 4))).astype(np.float32)
    embeddings[17] = (0, 0, 0, 1)
    collection = Collection(LABELS, [f"{i:02d}" for i in range(60)], np.full((60, 3), 1 / 3), embeddings)
    assert summary.outliers(collection, 2)[0] == 17
    few = Collection(LABELS, ["a"], np.full((1, 3), 1 / 3), embeddings[:1])
    assert summary.outliers(few, 2) == []
    assert summary.outliers(Collection(LABELS, few.images, few.probabilities, None), 2) == []
