"""The labels of a training set: one mood for each picture."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import TableError, VocabularyError
from imagemood.pictures.finding.table_headers import UTF_8_HINT, check_separator, check_unique
from imagemood.tables.files import name_of, read_bytes

_MOOD_COLUMNS = ("mood", "label")
_HINT = "write one mood per line, or columns with the header image,mood"


@dataclass(frozen=True)
class Labels:
    """One mood for each picture."""

    moods: list[str]
    images: list[str] | None = None  # the pictures; None if the file does not name them
    name: str = "labels"  # in error messages

    def positions_in(self, images: Sequence[int] | Sequence[str]) -> NDArray[np.intp]:
        """Return the position of each labelled picture among `images`, which contain each picture once.

        White space around the name of a labelled picture is ignored if there is no picture of exactly this name.
        `VocabularyError` is raised if a picture has two labels, or is not among `images`.
        """
        position = {str(image): i for i, image in enumerate(images)}
        labelled = [image if image in position else image.strip() for image in self.images or ()]
        if len(set(labelled)) < len(labelled):
            duplicate = next(image for image, count in Counter(labelled).items() if count > 1)
            raise VocabularyError(f"picture '{duplicate}' has two labels", where=self.name)
        unknown = [image for image in labelled if image not in position]
        if unknown:
            raise VocabularyError(
                f"no tags for {len(unknown)} of {len(labelled)} labelled pictures, such as '{unknown[0]}'",
                where=self.name,
            )
        return np.array([position[image] for image in labelled], dtype=np.intp)


def read_labels(source: str | Path) -> Labels:
    """Read labels from a text file or standard input: one mood per line, or columns under a header image,mood.

    The columns can be in any order, and others are ignored. White space around a mood is removed. `TableError` is
    raised if a row has no mood, or another number of fields than the header.
    """
    name = name_of(source)
    try:
        text = read_bytes(source).decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except UnicodeDecodeError:
        raise TableError("not valid UTF-8 text", file=name, hint=UTF_8_HINT) from None
    except csv.Error:
        raise TableError("not valid CSV text", file=name, hint=_HINT) from None
    image, mood = _columns_of(rows[0] if rows else [], name)
    n_fields = 1 if mood is None else len(rows[0])
    if mood is not None:
        rows = rows[1:]
    if not rows:
        raise TableError("no rows", file=name)
    for number, row in enumerate(rows, start=1):
        if len(row) != n_fields:
            raise TableError(
                f"wrong number of fields: {len(row)} instead of {n_fields}", file=name, row=number, hint=_HINT
            )
        if not row[mood or 0].strip():
            raise TableError("missing value", file=name, row=number, field="mood")
    moods = [row[mood or 0].strip() for row in rows]
    return Labels(moods, None if image is None else [row[image] for row in rows], name)


def _columns_of(header: list[str], name: str) -> tuple[int | None, int | None]:
    """Return the positions of the images and of the moods; the latter is None if the row is not a header."""
    columns = [field.strip().lower() for field in header]
    if len(columns) == 1:
        check_separator(columns[0], {"image", *_MOOD_COLUMNS}, name)
    found = [column for column in _MOOD_COLUMNS if column in columns]
    if not found or (len(columns) > 1 and "image" not in columns):
        return None, None
    for column in {"image", found[0]} & set(columns):
        check_unique(columns, column, name)
    return columns.index("image") if "image" in columns else None, columns.index(found[0])
