"""Datasets with mean ratings of valence and arousal: IAPS, OASIS and GAPED."""

from __future__ import annotations

import re

from imagemood.errors import InputError
from imagemood.learning.datasets.dataset_format import DatasetFormat
from imagemood.learning.datasets.label_columns import find_columns, normalised
from imagemood.learning.datasets.label_table import LabelTable, Row
from imagemood.learning.datasets.survey import Survey
from imagemood.learning.datasets.table_labels import TableLabels, combine, read_table
from imagemood.pictures.reading.addresses import is_picture

_GAPED_FILE = re.compile(r"(a|h|n|p|sn|sp)(_with sd)?\.(?:txt|csv)")
_PARENTHESES = re.compile(r"\([^)]*\)")
_N_GAPED_FIELDS = 3


def _format(name: str, title: str, layout: str, needed: set[str]) -> DatasetFormat:
    """Return a format that reads the first table with ratings and with some columns, given in lower case."""

    def paths(survey: Survey) -> list[str]:
        return [path for path, head in survey.heads.items() if _has_columns(head, needed)]

    def read(survey: Survey) -> TableLabels:
        found = paths(survey)
        if not found:
            raise InputError("no table of ratings", where=survey.name(""))
        return read_table(survey, survey.table(found[0]), folder=found[0].rpartition("/")[0])

    return DatasetFormat(name, title, layout, lambda survey: bool(paths(survey)), read)


def _has_columns(table: LabelTable, needed: set[str]) -> bool:
    found = find_columns(table)
    if found is None or not found[0].has_ratings:
        return False
    header = table.rows[len(table.rows) - len(found[1]) - 1]
    return needed <= {normalised(field) for field in header.fields}


def _gaped_files(survey: Survey) -> list[str]:
    """Return one table for each category of GAPED: the one with standard deviations if there are two."""
    files: dict[str, str] = {}
    for path in sorted(survey.label_files, key=len):
        found = _GAPED_FILE.fullmatch(path.rpartition("/")[2].lower())
        if found and _gaped_rows(survey, path):
            files[found[1]] = path
    return list(files.values())


def _gaped_rows(survey: Survey, path: str) -> LabelTable | None:
    """Return the names, valence and arousal in a table of GAPED, whose columns may be aligned by several tabs."""
    head = survey.heads.get(path)
    if head is None:
        return None
    rows = []
    for row in survey.table(path).rows:
        fields = _PARENTHESES.sub(" ", " ".join(row.fields)).split()
        if len(fields) >= _N_GAPED_FIELDS and is_picture(fields[0]):
            rows.append(Row(row.number, tuple(fields[:_N_GAPED_FIELDS])))
    header = Row(0, ("image", "valence", "arousal"))
    return LabelTable(head.where, [header, *rows]) if rows else None


def _read_gaped(survey: Survey) -> TableLabels:
    tables = [_gaped_rows(survey, path) for path in _gaped_files(survey)]
    if not tables:
        raise InputError("no tables such as 'A_with SD.txt'", where=survey.name(""))
    return combine(read_table(survey, table) for table in tables if table is not None)


def _is_gaped(survey: Survey) -> bool:
    return survey.labels is None and len(_gaped_files(survey)) > 1


IAPS = _format("iaps", "IAPS", "AllSubjects_1-20.txt, and pictures such as 1050.jpg", {"iaps", "valmn", "aromn"})
OASIS = _format("oasis", "OASIS", "OASIS.csv and the folder images", {"theme", "valence mean", "arousal mean"})
GAPED = DatasetFormat(
    "gaped",
    "GAPED",
    "tables such as 'A_with SD.txt' and folders such as A",
    _is_gaped,
    _read_gaped,
    takes_table=False,
)
