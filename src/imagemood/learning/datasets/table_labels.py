"""Labels from a table: assigns moods, votes and ratings to the pictures of a dataset."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from statistics import fmean

from imagemood.errors import InputError, MoodError, TableError
from imagemood.learning.datasets.label_columns import SPLITS, Columns, find_columns
from imagemood.learning.datasets.label_table import LabelTable, Row, number
from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.learning.datasets.picture_index import PictureIndex
from imagemood.learning.datasets.survey import Survey
from imagemood.pictures.finding.opening import opener
from imagemood.pictures.picture import Picture
from imagemood.pictures.reading.addresses import is_remote

_HEADER_HINT = (
    "write a header such as image,mood, with one column per mood for votes, or image,valence,arousal for ratings"
)


@dataclass
class TableLabels:
    """The labels that the tables of a dataset give to its pictures.

    Attributes
    ----------
    found : dict of str to LabelledPicture
        The labelled pictures by their path.
    failures : list of MoodError
        The errors of rows: pictures that are missing, values that are not numbers, and contradictions.
    """

    found: dict[str, LabelledPicture] = field(default_factory=dict)
    failures: list[MoodError] = field(default_factory=list)


def read_table(
    survey: Survey,
    table: LabelTable,
    *,
    folder: str = "",
    moods: Mapping[str, str] | None = None,
    columns: Columns | None = None,
    any_names: bool = False,
) -> TableLabels:
    """Read the labels of a table.

    Parameters
    ----------
    survey : Survey
        The pictures.
    table : LabelTable
        The table.
    folder : str
        The folder of the table in the dataset, to which paths may be relative.
    moods : mapping of str to str, optional
        The moods that the values in the column of moods stand for. By default, they are moods themselves.
    columns : Columns, optional
        The columns to use instead of those that the header names.
    any_names : bool
        Whether the columns of votes may have any names.

    Raises
    ------
    TableError
        If the table has no header of labels, or no rows.
    """
    found = find_columns(table, any_names=any_names)
    if found is None:
        raise TableError("not a table of labels", file=table.where, hint=_HEADER_HINT)
    columns, rows = columns or found[0], found[1]
    if not rows:
        raise TableError("no rows", file=table.where)
    return _Reader(survey, table, folder, moods, columns).read(rows)


def combine(parts: Iterator[TableLabels]) -> TableLabels:
    """Combine the labels of several tables; a picture in several of them has the labels of the first."""
    combined = TableLabels()
    for part in parts:
        combined.found = part.found | combined.found
        combined.failures += part.failures
    return combined


class _Reader:
    """Reads the rows of one table."""

    def __init__(
        self, survey: Survey, table: LabelTable, folder: str, moods: Mapping[str, str] | None, columns: Columns
    ) -> None:
        self._survey, self._table, self._folder, self._moods, self._columns = survey, table, folder, moods, columns
        self._index = PictureIndex(survey.pictures)
        self._open = opener()
        self._labels = TableLabels()
        self._rows: dict[str, list[Row]] = {}
        self._repeated: dict[str, list[LabelledPicture]] = {}

    def read(self, rows: list[Row]) -> TableLabels:
        for row in rows:
            try:
                self._read_row(row)
            except MoodError as error:
                self._labels.failures.append(error)
        for path, repeated in self._repeated.items():
            self._resolve(path, repeated)
        return self._labels

    def _read_row(self, row: Row) -> None:
        columns = self._columns
        needed = [columns.picture, columns.mood, columns.valence, columns.arousal, *columns.votes]
        n_needed = max(i for i in needed if i is not None) + 1
        if len(row.fields) < n_needed:
            raise self._table.error(row, f"{len(row.fields)} fields instead of {n_needed} or more")
        name = row.fields[columns.picture]
        path, picture = self._find(row, name)
        labelled = self._label(row, picture)
        if labelled is None:  # the table does not say anything about the picture
            return
        self._rows.setdefault(path, []).append(row)
        if path in self._labels.found:
            self._repeated.setdefault(path, [self._labels.found[path]]).append(labelled)
        else:
            self._labels.found[path] = labelled

    def _find(self, row: Row, name: str) -> tuple[str, Picture]:
        try:
            path = self._index.find(name, self._folder) if name else None
        except InputError as error:
            raise self._table.error(row, error.what, hint=error.hint) from None
        if path is not None:
            return path, self._survey.pictures[path]
        # A table that was found in the folder cannot make this program read anything elsewhere.
        if self._survey.labels is not None and _is_elsewhere(name):
            return name, self._open(name)
        raise self._table.error(row, f"no picture '{name}'" if name else "no name of a picture")

    def _label(self, row: Row, picture: Picture) -> LabelledPicture | None:
        columns, fields = self._columns, row.fields
        has_split = columns.split is not None and columns.split < len(fields)
        split = SPLITS.get(fields[columns.split or 0].lower(), "") if has_split else ""
        labelled = LabelledPicture(picture, split=split)
        if columns.has_ratings:
            valence, arousal = self._number(row, columns.valence), self._number(row, columns.arousal)
            labelled = replace(labelled, valence=valence, arousal=arousal)
        if columns.votes:
            counts = {mood: self._number(row, i) or 0.0 for i, mood in columns.votes.items()}
            if min(counts.values()) < 0:
                raise self._table.error(row, "a negative number of votes")
            if sum(counts.values()) > 0:
                voted = LabelledPicture.of_votes(picture, counts)
                return replace(labelled, mood=voted.mood, votes=voted.votes)
        elif columns.mood is not None and (value := fields[columns.mood]):
            if self._moods is not None and value not in self._moods:
                raise self._table.error(row, f"unknown label '{value}'", hint=f"use {', '.join(self._moods)}")
            return replace(labelled, mood=self._moods[value] if self._moods else value)
        has_rating = labelled.valence is not None and labelled.arousal is not None
        return labelled if has_rating else None

    def _number(self, row: Row, column: int | None) -> float | None:
        value = row.fields[column] if column is not None else ""
        try:
            return number(value)
        except ValueError:
            raise self._table.error(row, f"'{value}' is not a number") from None

    def _resolve(self, path: str, repeated: list[LabelledPicture]) -> None:
        """Average the ratings of a picture in several rows, and report rows that contradict each other."""
        first = repeated[0]
        if any(other.mood != first.mood or other.votes != first.votes for other in repeated):
            numbers = ", ".join(str(row.number) for row in self._rows[path][:-1])
            what = f"picture '{path}' has other labels in line {numbers}"
            self._labels.failures.append(self._table.error(self._rows[path][-1], what))
            del self._labels.found[path]
            return
        self._labels.found[path] = replace(
            first,
            valence=_mean([one.valence for one in repeated]),
            arousal=_mean([one.arousal for one in repeated]),
        )


def _is_elsewhere(name: str) -> bool:
    """Return whether a name is a URL, or the absolute path of a file."""
    return is_remote(name) or (os.path.isabs(name) and os.path.isfile(name))  # noqa: PTH113, PTH117


def _mean(values: list[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return fmean(present) if present else None
