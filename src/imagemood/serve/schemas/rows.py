"""Tag rows of one request to a dense matrix, in the time that one request has.

The same rules as `TagSet.to_matrix`, for a thousand rows of one image rather than for files of millions, where
columns of Arrow would cost more than they save.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import TagFileError
from imagemood.serve.settings import MAX_ROW_IMAGES
from imagemood.tables.tag_columns import MAX_SCORE

WHERE = "the request"


@dataclass(frozen=True)
class Rows:
    """Rows (image, tag, score) as three columns.

    Attributes
    ----------
    images : sequence of int
        The image of each row.
    tags : sequence of str
        The tag of each row.
    scores : sequence of float
        The score of each row.
    """

    images: Sequence[int]
    tags: Sequence[str]
    scores: Sequence[float]


@dataclass(frozen=True, eq=False)
class RowMatrix:
    """Tag rows as a dense matrix.

    Attributes
    ----------
    values : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Score of each tag of the vocabulary, 0 where an image has no such row.
    images : list of int
        The images, in order of first appearance.
    n_unknown_rows : int
        How many rows were left out because the vocabulary lacks their tag.
    """

    values: NDArray[np.float32]
    images: list[int]
    n_unknown_rows: int


def to_matrix(rows: Rows, places: Mapping[str, int]) -> RowMatrix:
    """Spread rows into a matrix; the same tag twice for one image is added up.

    Parameters
    ----------
    rows : Rows
        Tag rows.
    places : mapping of str to int
        Column of each tag of the vocabulary.

    Returns
    -------
    RowMatrix
        The images in order of first appearance.

    Raises
    ------
    TagFileError
        If a score is not a number in [0, 1], a tag is empty, or there are too many images.

    Examples
    --------
    >>> to_matrix(Rows([7, 7, 3], ["cat", "dog", "yeti"], [0.75, 0.25, 1.0]), {"cat": 0, "dog": 1}).values
    array([[0.75, 0.25],
           [0.  , 0.  ]], dtype=float32)
    """
    scores = np.array(rows.scores, dtype=np.float64)
    wrong = ~((scores >= 0) & (scores <= MAX_SCORE))  # not-a-number compares as false
    if wrong.any():
        row = int(wrong.argmax())
        raise TagFileError(f"is {scores[row]}, not a number from 0 to 1", file=WHERE, row=row + 1, field="score")
    if "" in rows.tags:
        raise TagFileError("is missing", file=WHERE, row=rows.tags.index("") + 1, field="tag")
    order = dict.fromkeys(rows.images)
    if len(order) > MAX_ROW_IMAGES:
        raise TagFileError(f"has more than {MAX_ROW_IMAGES:,} images", file=WHERE, hint="send them in parts")
    columns = np.array([places.get(tag, -1) for tag in rows.tags], dtype=np.intp)
    known = columns >= 0
    values = np.zeros((len(order), len(places)), dtype=np.float32)
    cells = columns
    if len(order) > 1:
        ranks = {image: rank for rank, image in enumerate(order)}
        cells = columns + len(places) * np.array([ranks[image] for image in rows.images], dtype=np.intp)
    np.add.at(values.reshape(-1), cells[known], scores[known].astype(np.float32))
    return RowMatrix(values, list(order), len(columns) - int(np.count_nonzero(known)))
