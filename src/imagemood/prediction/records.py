"""The columns of tables of results."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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
    labels = list(dict.fromkeys(label for result in results for label in result.labels))
    if reserved := [label for label in labels if label in _RESERVED]:
        raise InputError(f"the mood '{reserved[0]}' has the name of another column of the table")
    moods = ["mood", "probability", *labels, "valence", "arousal"] if labels else []
    return ["image", *moods, *(f"{kind}_{i + 1}" for i in range(tags) for kind in ("tag", "score")), "error"]
