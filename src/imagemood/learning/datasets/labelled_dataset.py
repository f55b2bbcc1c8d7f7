"""Reads a dataset of labelled pictures in any of the formats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from imagemood.errors import InputError, MoodError
from imagemood.learning.datasets import label_table
from imagemood.learning.datasets.any_table import ANY_TABLE, read_lines
from imagemood.learning.datasets.dataset_format import DatasetFormat
from imagemood.learning.datasets.folders import FOLDERS
from imagemood.learning.datasets.label_columns import find_columns
from imagemood.learning.datasets.labelled_picture import LabelledPicture
from imagemood.learning.datasets.registry import detect, get_format
from imagemood.learning.datasets.survey import Survey, survey
from imagemood.learning.datasets.table_labels import TableLabels
from imagemood.pictures.finding import listing
from imagemood.pictures.finding.selection import DEFAULT_OPTIONS, OnSkip, SearchOptions
from imagemood.pictures.finding.skipped import ignore
from imagemood.pictures.names import of_address
from imagemood.pictures.reading import addresses
from imagemood.tables.files import name_of, read_bytes

_SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class LabelledDataset:
    """The labelled pictures of a dataset.

    Attributes
    ----------
    title : str
        What the format of the dataset is called.
    root : str
        The address of its folder.
    pictures : list of LabelledPicture
        The pictures with a label.
    failures : list of MoodError
        The errors of folders, of rows of tables, and of labels without a picture.
    """

    title: str
    root: str
    pictures: list[LabelledPicture]
    failures: list[MoodError]

    @property
    def splits(self) -> dict[str, int]:
        """The number of pictures in each official split."""
        counts = Counter(labelled.split for labelled in self.pictures)
        return {split: counts[split] for split in _SPLITS if counts[split]}

    @property
    def has_moods(self) -> bool:
        """Whether pictures have moods, and not only ratings."""
        return any(labelled.mood for labelled in self.pictures)

    @property
    def has_votes(self) -> bool:
        """Whether pictures have votes for several moods."""
        return any(labelled.votes is not None for labelled in self.pictures)

    @property
    def has_ratings(self) -> bool:
        """Whether pictures have ratings of valence and arousal."""
        return any(labelled.valence is not None for labelled in self.pictures)

    def of_splits(self, splits: Collection[str]) -> LabelledDataset:
        """Return only the pictures of some of the official splits."""
        return replace(self, pictures=[one for one in self.pictures if one.split in splits])

    def with_moods(self) -> LabelledDataset:
        """Return only the pictures that have a mood."""
        return replace(self, pictures=[one for one in self.pictures if one.mood])

    def by_majority(self) -> LabelledDataset:
        """Return the pictures without their votes, and without those whose votes are tied."""
        decided = [replace(one, votes=None) for one in self.pictures if not one.is_tied]
        return replace(self, pictures=decided)

    def __str__(self) -> str:
        moods = {labelled.mood for labelled in self.pictures} - {""}
        parts = [_count(len(self.pictures), "picture")]
        if moods:
            parts.append(_count(len(moods), "mood"))
        if self.has_votes:
            n_tied = sum(labelled.is_tied for labelled in self.pictures)
            parts.append(f"votes{f' ({n_tied:,} tied)' if n_tied else ''}")
        if self.has_ratings:
            parts.append("valence and arousal")
        if self.splits:
            parts.append("split into " + ", ".join(f"{name} {n:,}" for name, n in self.splits.items()))
        return f"read as {self.title}: {', '.join(parts)}"


def read_dataset(
    source: str | Path,
    *,
    labels: str | Path | None = None,
    format_name: str | None = None,
    options: SearchOptions = DEFAULT_OPTIONS,
    on_skip: OnSkip = ignore,
) -> LabelledDataset:
    """Read the labels of a dataset, in the format that its folder has.

    Parameters
    ----------
    source : str or Path
        The folder of the dataset, or a table of labels in the folder of its pictures.
    labels : str or Path, optional
        A table of labels to use instead of those in the folder, or a file with one mood per line in the order of
        the names of the pictures.
    format_name : str, optional
        The format, a name in `imagemood.learning.datasets.registry.FORMATS`. By default, it is detected.
    options : SearchOptions
        The hidden files, helper folders and links to include.
    on_skip : callable
        Called with each file and folder that is skipped, and with each picture without a label.

    Raises
    ------
    InputError
        If the folder cannot be listed, has no labelled pictures, could have several formats, or does not have the
        requested one.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("awe_1.jpg", "sad_2.jpg"):
    ...     (folder / name).touch()
    >>> dataset = read_dataset(folder)
    >>> print(dataset)
    read as ArtPhoto: 2 pictures, 2 moods
    >>> [labelled.mood for labelled in dataset.pictures]
    ['awe', 'sadness']
    """
    source = str(source)
    if labels is None and _is_label_file(source):
        source, labels = str(PurePosixPath(source).parent), source
    found = survey(source, options=options, on_skip=on_skip)
    lines: list[str] | None = None
    if labels is not None:
        lines = _read_labels(found, labels)
        if format_name not in (None, ANY_TABLE.name):
            lines = None
    if lines is not None:
        dataset_format, read = ANY_TABLE, read_lines(found, lines, where=name_of(labels or ""))
    else:
        dataset_format = detect(found) if format_name is None else get_format(format_name)
        if labels is not None and not dataset_format.takes_table:
            raise InputError(
                f"the format {dataset_format.name} does not use a table of labels", hint="use the format table"
            )
        read = _read(dataset_format, found)
    failures = read.failures
    if dataset_format is not FOLDERS:
        found.report_skipped()
        found.report_unlabelled(path for path in found.pictures if path not in read.found)
        failures = [*found.failures, *read.failures]
    if not read.found:
        hint = str(failures[0]) if failures else f"{dataset_format.title} is {dataset_format.layout}"
        raise InputError("no picture has a label", where=of_address(source), hint=hint)
    return LabelledDataset(dataset_format.title, source, list(read.found.values()), failures)


def _is_label_file(source: str) -> bool:
    return addresses.table_format(source) == "csv" and not listing.is_folder(source)


def _read_labels(found: Survey, labels: str | Path) -> list[str] | None:
    """Read a file of labels into the survey; return its lines if it is not a table of named pictures."""
    content = read_bytes(labels)
    table = label_table.parse(content, where=name_of(labels))
    found.labels = table
    if find_columns(table, any_names=True) is not None:
        return None
    lines = label_table.lines(content)
    if len(lines) == len(found.pictures) or all(len(row.fields) == 1 for row in table.rows):
        return lines
    return None


def _read(dataset_format: DatasetFormat, found: Survey) -> TableLabels:
    try:
        return dataset_format.read(found)
    except InputError as error:
        if dataset_format is FOLDERS or error.hint:
            raise
        hint = f"{dataset_format.title}: {dataset_format.layout}"
        raise InputError(error.what, where=error.where, hint=hint) from error


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
