"""Twitter I and II: lists of the names of pictures and of their sentiment, as numbers."""

from __future__ import annotations

import re

from imagemood.errors import InputError
from imagemood.learning.datasets.dataset_format import DatasetFormat
from imagemood.learning.datasets.label_columns import find_columns
from imagemood.learning.datasets.label_table import LabelTable
from imagemood.learning.datasets.survey import Survey
from imagemood.learning.datasets.table_labels import TableLabels, read_table

_AGREEMENTS = ("three", "four", "five")  # of five annotators; the lists of more agreement are parts of the others
_NAME = re.compile(rf"(?:twitter_)?({'|'.join(_AGREEMENTS)})_agrees?\.txt")
_TWO_CLASSES = {"0": "negative", "1": "positive"}
_SIGNED_CLASSES = {"-1": "negative", "0": "neutral", "1": "positive"}
_LAYOUT = "a list of names and labels, such as twitter_three_agrees.txt, and the folder images"


def _values(table: LabelTable) -> set[str]:
    """Return the labels of a table of names and labels; empty for other tables."""
    found = find_columns(table)
    if found is None or found[0].mood is None:
        return set()
    column = found[0].mood
    return {row.fields[column].removeprefix("+") for row in found[1] if len(row.fields) > column}


def _tables(survey: Survey) -> list[str]:
    """Return the paths of the lists, the one with the least agreement and the most pictures first."""
    values = {path: _values(head) for path, head in survey.heads.items()}
    lists = [path for path, found in values.items() if len(found) > 1 and found <= {*_SIGNED_CLASSES}]

    def agreement(path: str) -> tuple[int, str]:
        found = _NAME.fullmatch(path.rpartition("/")[2].lower())
        return (_AGREEMENTS.index(found[1]) if found else len(_AGREEMENTS)), path

    return sorted(lists, key=agreement)


def _read(survey: Survey) -> TableLabels:
    tables = _tables(survey)
    if not tables:
        raise InputError("no list of names and labels -1, 0 or 1", where=survey.name(""))
    named = [path for path in tables if _NAME.fullmatch(path.rpartition("/")[2].lower())]
    if not named and len(tables) > 1:
        raise InputError(
            f"several lists of labels: {', '.join(tables)}", where=survey.name(""), hint="use one with --labels"
        )
    table = survey.table(tables[0])
    moods = _SIGNED_CLASSES if "-1" in _values(table) else _TWO_CLASSES
    positive = {"+1": "positive"}
    return read_table(survey, table, folder=tables[0].rpartition("/")[0], moods={**moods, **positive})


TWITTER = DatasetFormat("twitter", "Twitter I or II", _LAYOUT, lambda survey: bool(_tables(survey)), _read)
