"""The labels of a training set: one mood for each image."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import TagFileError, VocabularyError
from imagemood.tables.files import read_bytes

_ONE_COLUMN_HEADERS = {"mood", "label"}


@dataclass(frozen=True)
class Labels:
    """Moods in the order of their images.

    Attributes
    ----------
    moods : list of str
        The label of each image.
    images : list of str or None
        The images, where the file names them.
    name : str
        What to call the labels in error messages.
    """

    moods: list[str]
    images: list[str] | None = None
    name: str = "labels"

    def places_in(self, images: Sequence[int] | Sequence[str]) -> NDArray[np.intp]:
        """Find the labelled images among others.

        Parameters
        ----------
        images : sequence of int or of str
            The images, each once.

        Returns
        -------
        ndarray of shape (n_labels,), int
            The place of each labelled image.

        Raises
        ------
        VocabularyError
            If an image has two labels, or is not there.
        """
        wanted = self.images or []
        place = {str(image): i for i, image in enumerate(images)}
        if len(set(wanted)) < len(wanted):
            twice = next(image for image, n in Counter(wanted).items() if n > 1)
            raise VocabularyError(f"image '{twice}' has two labels", where=self.name)
        unknown = [image for image in wanted if image not in place]
        if unknown:
            raise VocabularyError(
                f"{len(unknown)} labelled images have no tags, such as '{unknown[0]}'", where=self.name
            )
        return np.array([place[image] for image in wanted], dtype=np.intp)


def read_labels(source: str | Path) -> Labels:
    """Read a label file: one column of moods, or two columns ``image,mood`` with a header.

    Parameters
    ----------
    source : str or Path
        A CSV or text file, compressed or not; ``-`` is standard input.

    Returns
    -------
    Labels
        In the order of the file. Blanks around a label are dropped; everything else of it is kept.

    Raises
    ------
    TagFileError
        If a row has no label or too many fields, or the file has no rows.
    """
    name = "standard input" if str(source) == "-" else str(source)
    try:
        text = read_bytes(source).decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
    except (UnicodeDecodeError, csv.Error):
        raise TagFileError("is no text", file=name, hint="one mood on each line") from None
    header = [field.strip().lower() for field in rows[0]] if rows else []
    two_columns = len(header) == 2 and header[0] == "image" and header[1] in _ONE_COLUMN_HEADERS
    if two_columns or (len(header) == 1 and header[0] in _ONE_COLUMN_HEADERS):
        rows = rows[1:]
    if not rows:
        raise TagFileError("has no rows", file=name)
    n_fields = 2 if two_columns else 1
    for number, row in enumerate(rows, start=1):
        if len(row) != n_fields:
            hint = "one mood on each line, or a header image,mood and two columns"
            raise TagFileError(f"has {len(row)} fields, not {n_fields}", file=name, row=number, hint=hint)
        if not row[-1].strip():
            raise TagFileError("is missing", file=name, row=number, field="mood")
    moods = [row[-1].strip() for row in rows]
    return Labels(moods, [row[0].strip() for row in rows] if two_columns else None, name)
