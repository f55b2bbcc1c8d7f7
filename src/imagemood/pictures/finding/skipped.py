"""Files and folders that the search for pictures skips, and a summary of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from imagemood._text import printable
from imagemood.pictures.formats import UndecodableFormat

_MAX_FORMATS = 6  # in a summary


class SkipKind(StrEnum):
    """The kinds of files and folders that are skipped."""

    UNSUPPORTED = "unsupported format"
    HIDDEN_FILE = "hidden file"
    HIDDEN_FOLDER = "hidden folder"
    HELPER_FOLDER = "helper folder"
    LINK = "link to a folder"
    BROKEN_LINK = "broken link"
    EMPTY = "folder without pictures"
    UNLABELLED = "picture outside the folders of moods"
    WITHOUT_LABEL = "picture without a label"
    SEARCHED = "folder that is already searched"
    OTHER = "not a picture"


_PLURALS = {
    SkipKind.HIDDEN_FILE: "hidden files",
    SkipKind.HIDDEN_FOLDER: "hidden folders",
    SkipKind.HELPER_FOLDER: "helper folders",
    SkipKind.LINK: "links to folders",
    SkipKind.BROKEN_LINK: "broken links",
    SkipKind.EMPTY: "folders without pictures",
    SkipKind.UNLABELLED: "pictures outside the folders of moods",
    SkipKind.WITHOUT_LABEL: "pictures without a label",
}
"""The kinds that a summary counts, besides unsupported formats."""


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was skipped.

    Attributes
    ----------
    name : str
        The name, like that of a picture.
    kind : SkipKind
        Why it was skipped.
    format : UndecodableFormat or None
        The format of a picture or video that cannot be decoded.

    Examples
    --------
    >>> print(Skipped("photos/.git", SkipKind.HIDDEN_FOLDER))
    photos/.git: hidden folder
    """

    name: str
    kind: SkipKind
    format: UndecodableFormat | None = None

    def __str__(self) -> str:
        details = f": {self.format.name} ({self.format.hint})" if self.format else ""
        return f"{printable(self.name)}: {self.kind}{details}"


def ignore(_: Skipped) -> None:
    """Do nothing, as a callback."""


class SkippedCounts:
    """The numbers of skipped files and folders.

    Examples
    --------
    >>> counts = SkippedCounts()
    >>> for name in ("a/.git", "b/.git", "notes.txt"):
    ...     counts.add(Skipped(name, SkipKind.HIDDEN_FOLDER if "git" in name else SkipKind.OTHER))
    >>> counts.summary()
    '2 hidden folders'
    """

    def __init__(self) -> None:
        self._kinds: Counter[SkipKind] = Counter()
        self._formats: Counter[tuple[str, UndecodableFormat]] = Counter()

    def add(self, skipped: Skipped) -> None:
        """Count a file or folder."""
        if skipped.format is None:
            self._kinds[skipped.kind] += 1
        else:
            self._formats[PurePosixPath(skipped.name).suffix.lower(), skipped.format] += 1

    def summary(self, *, with_all_hints: bool = False) -> str:
        """Return the numbers by file extension and kind, without files that are neither pictures nor videos.

        The hint of a format is included if it names an extra to install, or `with_all_hints`.
        """
        parts = []
        shown = self._sorted_formats()
        for i, (extension, format_) in enumerate(shown[:_MAX_FORMATS]):
            is_last = i + 1 == len(shown[:_MAX_FORMATS]) or shown[i + 1][1] != format_
            hint = f" ({format_.hint})" if is_last and (with_all_hints or format_.extra) else ""
            parts.append(_count(self._formats[extension, format_], f"{extension} file") + hint)
        if rest := sum(self._formats[key] for key in shown[_MAX_FORMATS:]):
            parts.append(_count(rest, "file") + " of other formats")
        for kind, plural in _PLURALS.items():
            if n := self._kinds[kind]:
                parts.append(_count(n, kind, plural))
        return ", ".join(parts)

    def _sorted_formats(self) -> list[tuple[str, UndecodableFormat]]:
        """Return the extensions with their formats: those that need an extra, then the most frequent formats."""
        totals: Counter[UndecodableFormat] = Counter()
        for (_, format_), n in self._formats.items():
            totals[format_] += n

        def order(key: tuple[str, UndecodableFormat]) -> tuple[object, ...]:
            extension, format_ = key
            return format_.extra is None, -totals[format_], format_.name, -self._formats[key], extension

        return sorted(self._formats, key=order)


def _count(n: int, singular: str, plural: str | None = None) -> str:
    return f"{n:,} {singular if n == 1 else plural or f'{singular}s'}"
