"""The columns of tables of results."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex

from imagemood.errors import InputError

if TYPE_CHECKING:
    from imagemood.prediction.result import Result

_RESERVED = ("image", "mood", "probability", "valence", "arousal", "error")


def to_record(result: Result, tags: int = 0) -> dict[str, Any]:
    """Return the row of a result, without the columns that have no value."""
    record: dict[str, Any] = {"image": result.image}
    if result.error is not None:
        return record | {"error": result.error.message}
    if result.mood is not None:
        record |= {"mood": result.mood, "probability": result.moods[result.mood], **result.moods}
    if result.affect is not None:
        record |= {"valence": result.affect.valence, "arousal": result.affect.arousal}
    if tags:
        for i, (tag, score) in enumerate(itertools.islice(result.tags.items(), tags), start=1):
            record |= {f"tag_{i}": tag, f"score_{i}": score}
    return record


def column_names(results: Sequence[Result], tags: int = 0) -> list[str]:
    """Return the columns of a table of results; results with different moods have the columns of all of them."""
    check_count("tags", tags)
    labels = list(dict.fromkeys(label for result in results for label in result.labels))
    if reserved := [label for label in labels if label in _RESERVED]:
        raise InputError(f"the mood '{reserved[0]}' has the name of another column of the table")
    moods = ["mood", "probability", *labels, "valence", "arousal"] if labels else []
    return ["image", *moods, *(f"{kind}_{i + 1}" for i in range(tags) for kind in ("tag", "score")), "error"]


def check_count(name: str, count: int | None) -> None:
    """Raise `InputError` if a parameter is not a number of moods or tags."""
    if count is not None and not (isinstance(count, SupportsIndex) and operator.index(count) >= 0):
        raise InputError(f"{name} is {count!r}", hint="give an integer of at least 0")
