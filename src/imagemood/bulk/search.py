"""Finds the pictures that evoke a mood most, in a dataset or among results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from imagemood.bulk.dataset import Dataset
from imagemood.bulk.dataset_info import DatasetInfo
from imagemood.errors import InputError
from imagemood.prediction.result import Result

_COLUMNS = ("path", "mood", "valence", "arousal")


def open_dataset(address: str) -> tuple[Dataset, DatasetInfo] | None:
    """Open the dataset in a folder; return None if the folder is not a dataset."""
    dataset = Dataset(address)
    info = dataset.read_info()
    return None if info is None else (dataset, info)


def check_mood(mood: str, labels: Sequence[str]) -> None:
    """Raise `InputError` if the mood is not one of the labels."""
    if mood not in labels:
        raise InputError(f"unknown mood '{mood}'", hint=f"use one of {', '.join(labels)}")


def result_tables(results: Iterable[Result], mood: str) -> Iterator[pa.Table]:
    """Yield the columns that `most_probable` needs, one table for each result; no result may have an error."""
    for result in results:
        affect = result.affect
        yield pa.table(
            {
                "path": pa.array([result.image], pa.string()),
                "mood": pa.array([result.mood], pa.string()),
                "valence": pa.array([affect and affect.valence], pa.float64()),
                "arousal": pa.array([affect and affect.arousal], pa.float64()),
                mood: pa.array([result.moods[mood]], pa.float64()),
            }
        )


def dataset_tables(dataset: Dataset, mood: str) -> Iterator[pa.Table]:
    """Yield the columns that `most_probable` needs, one table for each file of the dataset."""
    yield from dataset.read_tables([*_COLUMNS, mood])


def most_probable(tables: Iterable[pa.Table], mood: str, n: int) -> list[dict[str, Any]]:
    """Return the `n` pictures with the highest probability of a mood.

    The tables have the columns ``path, mood, valence, arousal`` and the probability of the mood under its name.
    The rows that are returned have ``path, probability, mood, valence, arousal``, in descending order of the
    probability, then by path. Pictures that failed are omitted.

    Examples
    --------
    >>> columns = {"path": ["a", "b", "c"], "mood": ["awe"] * 3, "valence": [0.0] * 3, "arousal": [0.0] * 3}
    >>> [row["path"] for row in most_probable([pa.table({**columns, "awe": [0.5, None, 0.75]})], "awe", 2)]
    ['c', 'a']
    """
    best = None
    for table in tables:
        usable = table.filter(pc.is_valid(table[mood]))
        joined = usable if best is None else pa.concat_tables([best, usable])
        order = pc.sort_indices(joined, sort_keys=[(mood, "descending"), ("path", "ascending")])
        best = joined.take(order[:n])
    rows = [] if best is None else best.to_pylist()
    return [
        {"path": row["path"], "probability": row[mood], **{name: row[name] for name in _COLUMNS[1:]}}
        for row in rows
    ]
