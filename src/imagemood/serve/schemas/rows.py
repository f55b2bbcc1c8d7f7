"""The tag rows of a request, and their conversion to a matrix.

The result is that of `TagSet.to_matrix`, without Arrow columns, which would be slower for the thousand rows of a
typical request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import TableError
from imagemood.serve.settings import MAX_TAG_ROW_IMAGES
from imagemood.tables.matrix import TagMatrix, add_scores
from imagemood.tables.scores import check_scores

_WHERE = "the request"


@dataclass(frozen=True)
class TagRows:
    """Tag rows as three columns of the same length."""

    images: Sequence[int]
    tags: Sequence[str]
    scores: Sequence[float]


def to_matrix(rows: TagRows, columns: Mapping[str, int]) -> TagMatrix:
    """Convert rows to a matrix, given the column of each tag; scores of repeated rows are added.

    Examples
    --------
    >>> to_matrix(TagRows([7, 7, 3], ["cat", "dog", "yeti"], [0.75, 0.25, 1.0]), {"cat": 0, "dog": 1}).values
    array([[0.75, 0.25],
           [0.  , 0.  ]], dtype=float32)
    """
    scores = np.fromiter(rows.scores, np.float64, len(rows.scores))
    check_tag_scores(scores)
    row_columns = np.fromiter(map(columns.get, rows.tags, repeat(-1)), np.intp, len(rows.tags))
    if row_columns.min(initial=0) < 0 and "" in rows.tags:
        raise TableError("missing value", file=_WHERE, row=rows.tags.index("") + 1, field="tag")
    order = dict.fromkeys(rows.images)
    if len(order) > MAX_TAG_ROW_IMAGES:
        raise TableError(f"more than {MAX_TAG_ROW_IMAGES:,} images", file=_WHERE, hint="split the request")
    values = np.zeros((len(order), len(columns)), dtype=np.float32)
    row_indices: int | list[int] = 0
    if len(order) > 1:
        indices = {image: index for index, image in enumerate(order)}
        row_indices = [indices[image] for image in rows.images]
    return TagMatrix(values, list(order), add_scores(values, row_indices, row_columns, scores))


def check_tag_scores(scores: NDArray[np.float64]) -> None:
    """Raise `TableError` for the first score of a request that is not between 0 and 1."""
    check_scores(scores, file=_WHERE)
