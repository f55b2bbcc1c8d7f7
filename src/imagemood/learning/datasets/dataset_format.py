"""The description of a format of datasets; `imagemood.learning.datasets.registry` lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imagemood.learning.datasets.survey import Survey
from imagemood.learning.datasets.table_labels import TableLabels


@dataclass(frozen=True)
class DatasetFormat:
    """A format of datasets: how to recognise it, and how to read its labels.

    Attributes
    ----------
    name : str
        Name on the command line.
    title : str
        What the dataset is called.
    layout : str
        Its layout in a few words, for error messages.
    matches : callable
        Returns whether the pictures and files of a folder have this layout.
    read : callable
        Returns the labels of the pictures; raises a `MoodError` if the folder does not have this layout.
    takes_table : bool
        Whether a given table can replace that of the dataset.
    """

    name: str
    title: str
    layout: str
    matches: Callable[[Survey], bool]
    read: Callable[[Survey], TableLabels]
    takes_table: bool = True
