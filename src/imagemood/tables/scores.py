"""The check of scores, for tag rows in files and in requests."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import TableError

MAX_SCORE = 1 + 1e-6
"""float32 scores that sum to 1 may exceed 1 by this much because of rounding."""


def are_scores(values: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return for each value whether it is a number from 0 to 1.

    Examples
    --------
    >>> are_scores(np.array([0, 1, 1 + 1e-7, 1.1, -0.1, np.nan])).tolist()
    [True, True, True, False, False, False]
    """
    valid: NDArray[np.bool_] = (values >= 0) & (values <= MAX_SCORE)  # comparisons with NaN are false
    return valid


def check_scores(scores: NDArray[np.float64], *, file: str) -> None:
    """Raise `TableError` with the row and the value of the first score that is not a number from 0 to 1."""
    valid = are_scores(scores)
    if not valid.all():
        row = int(valid.argmin())
        raise TableError(f"{scores[row]} is not a number from 0 to 1", file=file, row=row + 1, field="score")
