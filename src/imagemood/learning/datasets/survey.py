"""The contents of a folder: its pictures, and the other files that may hold their labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from imagemood.errors import MoodError, NoPicturesError
from imagemood.learning.datasets import label_table
from imagemood.learning.datasets.label_table import LabelTable
from imagemood.pictures.finding.selection import OnSkip, SearchOptions
from imagemood.pictures.finding.skipped import SkipKind, Skipped
from imagemood.pictures.finding.sources import find_pictures
from imagemood.pictures.names import of_address, to_address
from imagemood.pictures.picture import Picture
from imagemood.pictures.reading import storage
from imagemood.pictures.reading.addresses import join

_LABEL_EXTENSIONS = {".csv", ".tsv", ".txt", ".json"}
_MAX_TABLE_DEPTH = 3  # folders above a table
_HEAD_BYTES = 1 << 16


@dataclass
class Survey:
    """The pictures and the label files in a folder.

    Attributes
    ----------
    root : str
        The address of the folder.
    options : SearchOptions
        The options of the search.
    on_skip : callable
        Called with each file and folder that is skipped.
    pictures : dict of str to Picture
        The pictures by their path in the folder, in ascending order.
    failures : list of MoodError
        The errors of folders and files that cannot be used.
    label_files : list of str
        The paths of other files in the folder that may hold labels.
    labels : LabelTable or None
        A table of labels that is used instead of those in the folder.
    """

    root: str
    options: SearchOptions
    on_skip: OnSkip
    pictures: dict[str, Picture] = field(default_factory=dict)
    failures: list[MoodError] = field(default_factory=list)
    label_files: list[str] = field(default_factory=list)
    labels: LabelTable | None = None
    _skipped: list[Skipped] = field(default_factory=list)

    def files_named(self, is_wanted: Callable[[str], bool]) -> list[str]:
        """Return the paths of the label files whose names, in lower case, are wanted."""
        return [path for path in self.label_files if is_wanted(PurePosixPath(path).name.lower())]

    @cached_property
    def heads(self) -> dict[str, LabelTable]:
        """The first rows of each text table near the top of the folder, by its path; or of `labels` alone."""
        if self.labels is not None:
            return {"": self.labels}
        paths = [path for path in self.label_files if not path.lower().endswith(".json")]
        heads = {path: self._head(path) for path in paths if path.count("/") <= _MAX_TABLE_DEPTH}
        return {path: head for path, head in heads.items() if head is not None}

    def table(self, path: str) -> LabelTable:
        """Return a table, by its path in `heads`; raise a `MoodError` if it cannot be read."""
        if self.labels is not None:
            return self.labels
        return label_table.parse(self.read(path), where=self.name(path))

    def read(self, path: str) -> bytes:
        """Return the content of a file in the folder; raise a `MoodError` if it cannot be read."""
        return storage.read(self.address(path), allow_special=False)

    def address(self, path: str) -> str:
        """Return the address of a file in the folder."""
        return to_address(self.name(path))

    def name(self, path: str) -> str:
        """Return the name of a file in the folder, for messages."""
        return f"{_prefix(self.root)}{path}"

    def _head(self, path: str) -> LabelTable | None:
        try:
            with storage.open_file(self.address(path)) as file:
                content = file.read(_HEAD_BYTES)
            return label_table.parse(_complete_lines(content), where=self.name(path))
        except (MoodError, OSError):
            return None

    def report_skipped(self) -> None:
        """Report the files and folders that the search has skipped, except tables."""
        for skipped in self._skipped:
            self.on_skip(skipped)

    def report_unlabelled(self, paths: Iterator[str]) -> None:
        """Report pictures without a label."""
        for path in paths:
            self.on_skip(Skipped(self.pictures[path].name, SkipKind.WITHOUT_LABEL))


def survey(root: str, *, options: SearchOptions, on_skip: OnSkip) -> Survey:
    """Search a folder for pictures and for files that may hold their labels."""
    found = Survey(root, options, on_skip)
    prefix = _prefix(root)

    def skip(skipped: Skipped) -> None:
        path = PurePosixPath(skipped.name)
        if skipped.kind == SkipKind.OTHER and path.suffix.lower() in _LABEL_EXTENSIONS and path.name[:1] != ".":
            found.label_files.append(skipped.name.removeprefix(prefix))
        found._skipped.append(skipped)

    for picture in find_pictures([root], options=options, on_skip=skip):
        if picture.error is None:
            found.pictures[picture.name.removeprefix(prefix)] = picture
        elif not isinstance(picture.error, NoPicturesError):
            found.failures.append(picture.error)
    found.label_files.sort()
    return found


def _prefix(root: str) -> str:
    return of_address(join(root, ""))


def _complete_lines(content: bytes) -> bytes:
    """Leave out the last line if the content may end within it."""
    if len(content) < _HEAD_BYTES:
        return content
    return content[: content.rfind(b"\n") + 1] or content
