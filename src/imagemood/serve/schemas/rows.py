"""The tag rows of a request, and their conversion to a matrix.

The rules are those of `TagSet.to_matrix`. For the thousand rows of a request, Arrow columns would cost more than
they save.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import TagFileError
from imagemood.serve.settings import MAX_TAG_ROW_IMAGES
from imagemood.tables.tag_columns import MAX_SCORE

_WHERE = "the request"


@dataclass(frozen=True)
class TagRows:
    """Tag rows as three columns of the same length."""

    images: Sequence[int]
    tags: Sequence[str]
    scores: Sequence[float]


@dataclass(frozen=True, eq=False)
class TagMatrix:
    """Tag rows as a dense matrix.

    Attributes
    ----------
    values : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Score of each tag of the vocabulary; 0 if an image has no row with this tag.
    images : list of int
        The images, in order of first appearance.
    n_unknown_rows : int
        Number of rows that were ignored because the vocabulary does not contain their tag.
    """

    values: NDArray[np.float32]
    images: list[int]
    n_unknown_rows: int


def to_matrix(rows: TagRows, columns: Mapping[str, int]) -> TagMatrix:
    """Convert rows to a matrix, given the column of each tag; scores of repeated rows are added.

    Examples
    --------
    >>> to_matrix(TagRows([7, 7, 3], ["cat", "dog", "yeti"], [0.75, 0.25, 1.0]), {"cat": 0, "dog": 1}).values
    array([[0.75, 0.25],
           [0.  , 0.  ]], dtype=float32)
    """
    scores = np.array(rows.scores, dtype=np.float64)
    invalid = ~((scores >= 0) & (scores <= MAX_SCORE))  # true for NaN
    if invalid.any():
        row = int(invalid.argmax())
        raise TagFileError(f"is {scores[row]}, not a number from 0 to 1", file=_WHERE, row=row + 1, field="score")
    if "" in rows.tags:
        raise TagFileError("missing", file=_WHERE, row=rows.tags.index("") + 1, field="tag")
    order = dict.fromkeys(rows.images)
    if len(order) > MAX_TAG_ROW_IMAGES:
        raise TagFileError(f"more than {MAX_TAG_ROW_IMAGES:,} images", file=_WHERE, hint="split the request")
    row_columns = np.array([columns.get(tag, -1) for tag in rows.tags], dtype=np.intp)
    is_known = row_columns >= 0
    values = np.zeros((len(order), len(columns)), dtype=np.float32)
    cells = row_columns
    if len(order) > 1:
        indices = {image: index for index, image in enumerate(order)}
        cells = row_columns + len(columns) * np.array([indices[image] for image in rows.images], dtype=np.intp)
    np.add.at(values.reshape(-1), cells[is_known], scores[is_known].astype(np.float32))
    return TagMatrix(values, list(order), len(row_columns) - int(np.count_nonzero(is_known)))
