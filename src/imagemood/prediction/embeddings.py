"""Embeddings of several pictures as one matrix."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError, MoodError
from imagemood.prediction.result import Result

OnError = Literal["raise", "nan"]
"""Whether a picture that cannot be used raises its error or has a row of NaN."""


def stack(
    results: Iterable[Result], attribute: str, width: int, *, errors: OnError, warn: bool
) -> NDArray[np.float32]:
    """Return an array of each result as the rows of a matrix of shape (n, width), float32.

    The row of a picture that failed is NaN if `errors` is ``nan``; otherwise the error is raised. With `warn`,
    there is one warning about all of these rows.
    """
    if errors not in ("raise", "nan"):
        raise InputError(f"errors is '{errors}', but must be 'raise' or 'nan'")
    rows: list[NDArray[np.float32] | None] = []
    failures: list[MoodError] = []
    for result in results:
        if result.error is not None:
            if errors == "raise":
                raise result.error
            failures.append(result.error)
        rows.append(getattr(result, attribute))
    if failures and warn:
        what = f"{len(failures)} of {len(rows)} pictures cannot be used and have rows of NaN, the first of them: "
        warnings.warn(f"{what}{failures[0]}", stacklevel=3)
    width = next((len(row) for row in rows if row is not None), width)
    matrix = np.full((len(rows), width), np.nan, dtype=np.float32)
    for i, row in enumerate(rows):
        if row is not None:
            matrix[i] = row
    return matrix
