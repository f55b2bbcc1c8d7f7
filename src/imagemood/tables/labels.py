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
from imagemood.tables.files import name_of, read_bytes

_MOOD_COLUMNS = {"mood", "label"}
_HINT = "write one mood per line, or two columns with the header image,mood"


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

    White space around a mood is removed. `TableError` is raised if a row has no mood or too many fields.
    """
    name = name_of(source)
    try:
        text = read_bytes(source).decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except (UnicodeDecodeError, csv.Error):
        raise TableError("not valid UTF-8 text", file=name, hint=_HINT) from None
    header = [field.strip().lower() for field in rows[0]] if rows else []
    has_images = len(header) == 2 and header[0] == "image" and header[1] in _MOOD_COLUMNS
    if has_images or (len(header) == 1 and header[0] in _MOOD_COLUMNS):
        rows = rows[1:]
    if not rows:
        raise TableError("no rows", file=name)
    n_fields = 2 if has_images else 1
    for number, row in enumerate(rows, start=1):
        if len(row) != n_fields:
            raise TableError(
                f"wrong number of fields: {len(row)} instead of {n_fields}", file=name, row=number, hint=_HINT
            )
        if not row[-1].strip():
            raise TableError("missing value", file=name, row=number, field="mood")
    moods = [row[-1].strip() for row in rows]
    return Labels(moods, [row[0] for row in rows] if has_images else None, name)
