"""Finds what is remarkable about an album: its moods, their changes over time, and single pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.albums.collection import Collection
from imagemood.prediction.affect import affect_of

_MAX_PERIODS = 40
_PERIODS = ("%Y-%m-%d", "%Y-%m", "%Y")
_N_NEIGHBOURS = 5
_MAX_COMPARED = 10_000
_ROWS = 1000


@dataclass(frozen=True)
class Period:
    """The pictures that were taken in a day, a month or a year.

    Attributes
    ----------
    name : str
        The period, such as ``"2026-05"``.
    moods : dict of str to int
        The number of pictures with each most probable mood.
    """

    name: str
    moods: dict[str, int]

    @property
    def n(self) -> int:
        """The number of pictures."""
        return sum(self.moods.values())


def most_probable_moods(collection: Collection) -> list[str]:
    """Return the most probable mood of each picture."""
    return [collection.labels[i] for i in collection.probabilities.argmax(axis=1).tolist()]


def affects(collection: Collection) -> list[tuple[float, float]] | None:
    """Return the expected valence and arousal of each picture, or None for moods without ratings."""
    found = [affect_of(collection.moods(i)) for i in range(len(collection))]
    known = [(affect.valence, affect.arousal) for affect in found if affect is not None]
    return known if len(known) == len(found) else None


def strongest(collection: Collection) -> dict[str, int]:
    """Return the picture with the highest probability of each mood, if the mood is its most probable one."""
    highest = collection.probabilities.argmax(axis=1)
    found: dict[str, int] = {}
    for number, mood in enumerate(collection.labels):
        candidates = np.flatnonzero(highest == number)
        if len(candidates):
            found[mood] = int(candidates[collection.probabilities[candidates, number].argmax()])
    return found


def timeline(moods: Sequence[str], dates: Sequence[datetime | None]) -> list[Period]:
    """Return the moods by day, month or year, whichever are the shortest periods that are few enough.

    Pictures without a date are left out, and so are periods without pictures.

    Examples
    --------
    >>> timeline(["awe", "fear", "awe"], [datetime(2026, 5, 1), None, datetime(2026, 5, 1, 18)])
    [Period(name='2026-05-01', moods={'awe': 2})]
    """
    known = sorted((date.replace(tzinfo=None), mood) for date, mood in zip(dates, moods, strict=True) if date)
    periods: dict[str, Counter[str]] = {}
    for layout in _PERIODS:
        periods = {}
        for date, mood in known:
            periods.setdefault(date.strftime(layout), Counter())[mood] += 1
        if len(periods) <= _MAX_PERIODS:
            break
    return [Period(name, dict(counts)) for name, counts in periods.items()][-_MAX_PERIODS:]


def outliers(collection: Collection, n: int) -> list[int]:
    """Return the pictures whose contents are least similar to those of their five nearest neighbours.

    In large collections, each picture is compared with some of the others.
    """
    if collection.embeddings is None or len(collection) < 3 * _N_NEIGHBOURS:
        return []
    norms = np.linalg.norm(collection.embeddings, axis=1, keepdims=True)
    points = collection.embeddings / np.maximum(norms, np.finfo(np.float32).tiny)
    compared = np.linspace(0, len(points) - 1, min(len(points), _MAX_COMPARED)).astype(int)
    isolation = np.concatenate(
        [_isolation(points[i : i + _ROWS], points[compared], i, compared) for i in range(0, len(points), _ROWS)]
    )
    order: list[int] = np.argsort(-isolation.round(6), kind="stable")[:n].tolist()
    return order


def _isolation(rows: NDArray[Any], others: NDArray[Any], first: int, compared: NDArray[Any]) -> NDArray[Any]:
    similarities = rows @ others.T
    similarities[compared == np.arange(first, first + len(rows))[:, None]] = -np.inf  # the picture itself
    nearest = np.partition(similarities, -_N_NEIGHBOURS, axis=1)[:, -_N_NEIGHBOURS:]
    isolation: NDArray[Any] = 1 - nearest.mean(axis=1)
    return isolation
