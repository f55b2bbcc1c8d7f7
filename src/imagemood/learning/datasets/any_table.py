"""Any table of labels: moods, votes for moods, or ratings, for pictures that are named by path or bare name."""

from __future__ import annotations

from dataclasses import replace

from imagemood.errors import InputError, MoodError, VocabularyError
from imagemood.learning.datasets.dataset_format import DatasetFormat
from imagemood.learning.datasets.label_columns import SPLITS, find_columns, is_emotion, normalised
from imagemood.learning.datasets.label_table import LabelTable
from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.learning.datasets.survey import Survey
from imagemood.learning.datasets.table_labels import TableLabels, combine, read_table

_LAYOUT = "a table with the column image, and mood, one column per mood, or valence and arousal"
_PREDICTION_COLUMNS = {"probability", "score", "confidence"}


def _tables(survey: Survey) -> list[str]:
    return [path for path, head in survey.heads.items() if _is_label_table(head, given=survey.labels is not None)]


def _is_label_table(table: LabelTable, *, given: bool) -> bool:
    """Return whether a table has labels, and not the predictions of a model unless it was given as labels."""
    found = find_columns(table, any_names=given)
    if found is None:
        return False
    header = {normalised(field) for field in table.rows[0].fields}
    return given or not header & _PREDICTION_COLUMNS


def _splits(paths: list[str]) -> list[str]:
    """Return the split that the name of each table stands for; empty if a table is not named like a split."""
    splits = [SPLITS.get(path.rpartition("/")[2].rpartition(".")[0].lower(), "") for path in paths]
    return splits if all(splits) and len(set(splits)) == len(splits) else []


def _read(survey: Survey) -> TableLabels:
    tables = _tables(survey)
    if not tables:
        if survey.labels is not None:
            return _read_table(survey, "")  # raises an error that explains the format
        raise InputError("no table of labels", where=survey.name(""), hint=f"use {_LAYOUT}, or --labels FILE")
    splits = _splits(tables)
    if len(tables) > 1 and not splits:
        raise InputError(
            f"several tables of labels: {', '.join(tables)}",
            where=survey.name(""),
            hint="use one with --labels",
        )
    if not splits:
        return _read_table(survey, tables[0])
    return combine(_of_split(_read_table(survey, path), split) for path, split in zip(tables, splits, strict=True))


def _read_table(survey: Survey, path: str) -> TableLabels:
    folder = path.rpartition("/")[0]
    return read_table(survey, survey.table(path), folder=folder, any_names=survey.labels is not None)


def _of_split(labels: TableLabels, split: str) -> TableLabels:
    """Assign the pictures of a table to a split, unless the table does."""
    found = {path: replace(one, split=one.split or split) for path, one in labels.found.items()}
    return TableLabels(found, labels.failures)


def read_lines(survey: Survey, moods: list[str], *, where: str) -> TableLabels:
    """Assign a list of moods to the pictures in the order of their names.

    Raises
    ------
    VocabularyError
        If there are more moods than pictures, or fewer.
    """
    if moods and normalised(moods[0]) in ("mood", "label") and not is_emotion(moods[0]):
        moods = moods[1:]
    if len(moods) != len(survey.pictures):
        raise VocabularyError(
            f"{len(moods)} labels for {len(survey.pictures)} pictures",
            where=where,
            hint="write one mood per line for each picture in the order of the names, or use columns image,mood",
        )
    pairs = zip(sorted(survey.pictures), moods, strict=True)
    return TableLabels({path: LabelledPicture(survey.pictures[path], mood) for path, mood in pairs})


def _matches(survey: Survey) -> bool:
    try:
        return bool(_tables(survey))
    except MoodError:
        return False


ANY_TABLE = DatasetFormat("table", "a table of labels", _LAYOUT, _matches, _read)
