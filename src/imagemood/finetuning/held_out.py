"""Chooses the photos that are held out from training, by their content."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def hold_out(hashes: Sequence[str], moods: NDArray[np.intp], fraction: float) -> NDArray[np.bool_]:
    """Return which photos to hold out: a fraction of the different photos of each mood, and at least one.

    Identical photos are in the same part. The photos are chosen by their hashes, so that a photo stays in its part
    if others are added or removed, with few exceptions. With a fraction of 0, none is chosen.

    Parameters
    ----------
    hashes : sequence of str
        A hash of the content of each photo.
    moods : ndarray of shape (n,), intp
        The mood of each photo.
    fraction : float
        From 0 to below 1.

    Examples
    --------
    >>> hold_out(["a", "b", "a", "c", "d"], np.array([0, 0, 0, 1, 1]), 0.2).tolist()
    [True, False, True, True, False]
    """
    chosen: set[str] = set()
    if fraction > 0:
        for mood in np.unique(moods):
            different = sorted({hashes[i] for i in np.flatnonzero(moods == mood).tolist()})
            n_chosen = min(max(1, round(len(different) * fraction)), len(different) - 1)
            chosen.update(different[:n_chosen])
    return np.array([value in chosen for value in hashes], dtype=bool)
