"""The matrix of tag rows: a row for each image, a column for each tag."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class TagMatrix:
    """Tag rows as a dense matrix.

    Attributes
    ----------
    values : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Score of each tag of the vocabulary for each image, 0 if there is no such row.
    images : list of int or list of str
        The images, in the order of the rows of `values`.
    n_unknown_rows : int
        Number of tag rows that were ignored because their tag is not in the vocabulary.
    unknown_tags : tuple of str
        These tags, each once.
    """

    values: NDArray[np.float32]
    images: list[int] | list[str]
    n_unknown_rows: int = 0
    unknown_tags: tuple[str, ...] = ()


def add_scores(
    matrix: NDArray[np.float32], rows: ArrayLike, columns: NDArray[np.integer], scores: NDArray[np.floating]
) -> int:
    """Add each score to its cell of a C-contiguous matrix; return the number of scores that have the column -1.

    The scores of a tag that occurs more than once for an image are added, since two classes with the same name are
    mutually exclusive. `rows` is an array of the length of `columns`, or one number for all.

    Examples
    --------
    >>> matrix = np.zeros((2, 3), dtype=np.float32)
    >>> add_scores(matrix, [0, 1, 1, 0], np.array([2, 0, 0, -1]), np.array([1, 0.25, 0.5, 1]))
    1
    >>> matrix
    array([[0.  , 0.  , 1.  ],
           [0.75, 0.  , 0.  ]], dtype=float32)
    """
    known = columns >= 0
    n_unknown = len(columns) - int(np.count_nonzero(known))
    cells = np.asarray(rows, dtype=np.intp) * matrix.shape[1] + columns
    if n_unknown:
        cells, scores = cells[known], scores[known]
    np.add.at(matrix.reshape(-1), cells, scores.astype(np.float32, copy=False))
    return n_unknown
