"""The pictures that evoke a mood most, out of a dataset or a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from imagemood.bulk.dataset import Dataset
from imagemood.bulk.note import Note
from imagemood.errors import InputError
from imagemood.prediction.result import Result

_COLUMNS = ("path", "mood", "valence", "arousal")


def dataset_at(address: str) -> tuple[Dataset, Note] | None:
    """Open a dataset of moods.

    Parameters
    ----------
    address : str
        Its folder.

    Returns
    -------
    (Dataset, Note) or None
        None where there is something else.
    """
    dataset = Dataset(address)
    note = dataset.note()
    return None if note is None else (dataset, note)


def check_mood(mood: str, labels: Sequence[str]) -> None:
    """Refuse a mood that is not among those known.

    Parameters
    ----------
    mood : str
        The mood.
    labels : sequence of str
        Those known.

    Raises
    ------
    InputError
        If it is not among them.
    """
    if mood not in labels:
        raise InputError(f"there is no mood '{mood}'", hint=f"one of {', '.join(labels)}")


def rows_of(results: Iterable[Result], mood: str) -> Iterator[pa.Table]:
    """Bring answers of a cascade to the rows that `strongest` takes.

    Parameters
    ----------
    results : iterable of Result
        Answers without error.
    mood : str
        The mood that is sought.

    Yields
    ------
    pyarrow.Table
        One row.
    """
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


def rows_in(dataset: Dataset, mood: str) -> Iterator[pa.Table]:
    """Read the rows that `strongest` takes out of a dataset.

    Parameters
    ----------
    dataset : Dataset
        The dataset.
    mood : str
        The mood that is sought.

    Yields
    ------
    pyarrow.Table
        The rows of a file.
    """
    yield from dataset.tables([*_COLUMNS, mood])


def strongest(tables: Iterable[pa.Table], mood: str, n: int) -> list[dict[str, Any]]:
    """Keep the pictures that evoke a mood most.

    Parameters
    ----------
    tables : iterable of pyarrow.Table
        Rows with ``path, mood, valence, arousal`` and the mood's column.
    mood : str
        The mood.
    n : int
        How many to keep.

    Returns
    -------
    list of dict
        ``path, probability, mood, valence, arousal`` of each, most probable first; by path where they are equal.
        Pictures that could not be used are not among them.

    Examples
    --------
    >>> columns = {"path": ["a", "b", "c"], "mood": ["awe"] * 3, "valence": [0.0] * 3, "arousal": [0.0] * 3}
    >>> [row["path"] for row in strongest([pa.table({**columns, "awe": [0.5, None, 0.75]})], "awe", 2)]
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
