"""Files and folders that the search for pictures skips, and a summary of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from imagemood._text import printable
from imagemood.pictures.formats import HEIF, UndecodableFormat

_MAX_FORMATS = 6  # in a summary


class SkipKind(StrEnum):
    """The kinds of files and folders that are skipped."""

    UNSUPPORTED = "unsupported format"
    HIDDEN_FILE = "hidden file"
    HIDDEN_FOLDER = "hidden folder"
    HELPER_FOLDER = "helper folder"
    LINK = "link to a folder"
    SEARCHED = "folder that is already searched"
    OTHER = "not a picture"


_PLURALS = {
    SkipKind.HIDDEN_FILE: "hidden files",
    SkipKind.HIDDEN_FOLDER: "hidden folders",
    SkipKind.HELPER_FOLDER: "helper folders",
    SkipKind.LINK: "links to folders",
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
        """Return the numbers, most frequent formats first, without files that are neither pictures nor videos.

        The hint of a format is included if it names an extra to install, or `with_all_hints`.
        """
        parts = []
        formats = self._formats.most_common()
        for (extension, format_), n in formats[:_MAX_FORMATS]:
            hint = f" ({format_.hint})" if with_all_hints or format_ is HEIF else ""
            parts.append(f"{n:,} {extension} file{'s' * (n > 1)}{hint}")
        if rest := sum(n for _, n in formats[_MAX_FORMATS:]):
            parts.append(f"{rest:,} file{'s' * (rest > 1)} of other formats")
        for kind, plural in _PLURALS.items():
            if n := self._kinds[kind]:
                parts.append(f"{n:,} {plural if n > 1 else kind}")
        return ", ".join(parts)
