"""Draw images, of each mood the same share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import VocabularyError


def draw(moods: Sequence[str], n_images: int, *, random_state: int = 0) -> NDArray[np.intp]:
    """Draw images, of each mood the same share, rounded so that the number is met.

    Parameters
    ----------
    moods : sequence of str
        The label of each image.
    n_images : int
        How many to draw.
    random_state : int
        Seed. A smaller draw with the same seed is a part of a larger one, but for rounding.

    Returns
    -------
    ndarray of shape (n_images,), int
        Places of the images drawn, in ascending order.

    Raises
    ------
    VocabularyError
        If that would leave a mood without any.

    Examples
    --------
    >>> moods = ["awe", "fear", "awe", "awe", "fear", "awe"]
    >>> sorted(moods[i] for i in draw(moods, 3))
    ['awe', 'awe', 'fear']
    """
    names, place, counts = np.unique(moods, return_inverse=True, return_counts=True)
    exact = counts * (n_images / len(moods))
    quotas = np.floor(exact).astype(int)
    quotas[np.argsort(quotas - exact, kind="stable")[: n_images - quotas.sum()]] += 1
    if not quotas.all():
        short = names[int(np.argmin(quotas))]
        raise VocabularyError(f"of {n_images} images none would have the mood '{short}'", hint="draw more")
    dice = np.random.default_rng(random_state)
    shuffled = [dice.permutation(np.flatnonzero(place == mood)) for mood in range(len(names))]
    return np.sort(np.concatenate([images[:quota] for images, quota in zip(shuffled, quotas, strict=True)]))
