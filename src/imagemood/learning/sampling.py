"""Stratified random samples of labelled images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import VocabularyError


def stratified_sample(moods: Sequence[str], n_images: int, *, random_state: int = 0) -> NDArray[np.intp]:
    """Draw images so that each mood keeps its share; return their indices in ascending order.

    Shares are rounded so that the total is exact. With the same seed, a smaller sample is part of a larger one,
    except for effects of rounding.

    Raises
    ------
    VocabularyError
        If the sample would contain no image of some mood.

    Examples
    --------
    >>> moods = ["awe", "fear", "awe", "awe", "fear", "awe"]
    >>> sorted(moods[i] for i in stratified_sample(moods, 3))
    ['awe', 'awe', 'fear']
    """
    names, mood_index, counts = np.unique(moods, return_inverse=True, return_counts=True)
    exact = counts * (n_images / len(moods))
    quotas = np.floor(exact).astype(int)
    quotas[np.argsort(quotas - exact, kind="stable")[: n_images - quotas.sum()]] += 1
    if not quotas.all():
        missing = names[int(np.argmin(quotas))]
        raise VocabularyError(
            f"a sample of {n_images} images would not contain the mood '{missing}'", hint="use a larger sample"
        )
    rng = np.random.default_rng(random_state)
    shuffled = [rng.permutation(np.flatnonzero(mood_index == mood)) for mood in range(len(names))]
    return np.sort(np.concatenate([images[:quota] for images, quota in zip(shuffled, quotas, strict=True)]))
