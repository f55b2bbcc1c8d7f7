"""Datasets with a table of votes or probabilities for each picture: Abstract paintings, Emotion6, and LDL."""

from __future__ import annotations

from collections.abc import Callable

from imagemood.errors import InputError
from imagemood.learning.datasets.dataset_format import DatasetFormat
from imagemood.learning.datasets.label_columns import find_columns, normalised
from imagemood.learning.datasets.label_table import LabelTable
from imagemood.learning.datasets.survey import Survey
from imagemood.learning.datasets.table_labels import TableLabels, read_table


def _format(name: str, title: str, layout: str, is_table: Callable[[str, LabelTable], bool]) -> DatasetFormat:
    """Return a format that reads the first table for which `is_table`, given its name in lower case, is true."""

    def paths(survey: Survey) -> list[str]:
        return [path for path, head in survey.heads.items() if is_table(_name(path, head), head)]

    def read(survey: Survey) -> TableLabels:
        found = paths(survey)
        if not found:
            raise InputError("no table of votes", where=survey.name(""))
        return read_table(survey, survey.table(found[0]), folder=found[0].rpartition("/")[0])

    return DatasetFormat(name, title, layout, lambda survey: bool(paths(survey)), read)


def _name(path: str, table: LabelTable) -> str:
    return (path or table.where).rpartition("/")[2].lower()


def _header(table: LabelTable) -> list[str]:
    return [normalised(field) for field in table.rows[0].fields]


def _is_ldl(name: str, table: LabelTable) -> bool:
    found = find_columns(table)
    has_votes = found is not None and bool(found[0].votes)
    return has_votes and name.endswith("ground_truth.txt") and _header(table)[0] == "images name"


ABSTRACT_PAINTINGS = _format(
    "abstract",
    "Abstract paintings",
    "pictures beside ABSTRACT_groundTruth.csv",
    lambda name, _: name == "abstract_groundtruth.csv",
)
EMOTION6 = _format(
    "emotion6",
    "Emotion6",
    "ground_truth.txt with columns such as [prob. anger], and the folder images",
    lambda name, table: name == "ground_truth.txt" and {"anger", "neutral", "valence"} <= set(_header(table)),
)
LABEL_DISTRIBUTIONS = _format(
    "ldl",
    "Twitter-LDL or Flickr-LDL",
    "ground_truth.txt with the column images-name and one column of votes per mood, and the folder images",
    _is_ldl,
)
