"""Augmentation of training images: copies with fewer tags, and noise on missing tags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError

CLASSIC_FRACTIONS = (0.1, 0.25, 0.5, 1.0)
"""Fractions of an image's tags that the 2018 program kept in its masked copies."""
CLASSIC_NOISE = 0.1
"""Noise of the 2018 program, as a fraction of the mean score."""
_TAGS_PER_NOISY_TAG = 20  # docs/robustness.md shows the effect of the noise


def mask_samples(
    tags: NDArray[np.float32], fractions: tuple[float, ...] = CLASSIC_FRACTIONS
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Copy each image with only its top tags.

    Parameters
    ----------
    tags : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Scores; missing tags are 0.
    fractions : tuple of float, in (0, 1]
        One copy is made for each fraction; it keeps this fraction of the image's tags, rounded up.

    Returns
    -------
    copies : ndarray of shape (n_images * n_fractions, n_tags), float32
        All copies for the first fraction, then all copies for the second one, and so on.
    origin : ndarray of shape (n_images * n_fractions,), int
        Index of the image that each row is a copy of.

    Examples
    --------
    >>> copies, origin = mask_samples(np.array([[0.5, 0.3, 0.2, 0.0]], dtype=np.float32), (0.34, 1.0))
    >>> copies
    array([[0.5, 0.3, 0. , 0. ],
           [0.5, 0.3, 0.2, 0. ]], dtype=float32)
    """
    if not fractions or not all(0 < fraction <= 1 for fraction in fractions):
        raise InputError(f"invalid mask fractions {fractions}", hint="use fractions above 0 and up to 1")
    order = np.argsort(-tags, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(tags.shape[1])[np.newaxis], axis=1)
    n_present = np.count_nonzero(tags, axis=1)[:, np.newaxis]
    copies = [np.where(rank < np.ceil(fraction * n_present), tags, np.float32(0)) for fraction in fractions]
    return np.concatenate(copies), np.tile(np.arange(len(tags)), len(fractions))


def add_soft_noise(
    tags: NDArray[np.float32], amount: float = CLASSIC_NOISE, *, random_state: int = 0
) -> NDArray[np.float32]:
    """Add random scores for some missing tags of each image, below the scores of its other tags.

    For every twenty tags that an image has, one of its missing tags gets a score, on average. With noise on all
    missing tags, trees would split at scores that only noise has in training, and that no tag has in prediction.

    Parameters
    ----------
    tags : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Scores; missing tags are 0.
    amount : float, in [0, 1]
        Upper bound of the noise, as a fraction of the mean score of all tags that are not missing. The lowest
        score of an image is another upper bound of its noise.
    random_state : int
        Seed.

    Examples
    --------
    >>> tags = np.zeros((1, 100), dtype=np.float32)
    >>> tags[0, :50] = 0.01
    >>> noisy = add_soft_noise(tags)
    >>> bool((noisy[0, :50] == tags[0, :50]).all()), bool(0 < noisy[0, 50:].max() <= 0.001)
    (True, True)
    """
    if not 0 <= amount <= 1:
        raise InputError(f"invalid amount of noise {amount}", hint="use a number from 0 to 1")
    present = tags > 0
    if present.all() or not present.any():
        return tags.copy()
    n_present = np.count_nonzero(present, axis=1, keepdims=True)
    n_missing = tags.shape[1] - n_present
    share = np.minimum(1, n_present / (_TAGS_PER_NOISY_TAG * np.maximum(n_missing, 1)))
    lowest = np.min(tags, axis=1, keepdims=True, where=present, initial=1)
    upper_bound = np.minimum(lowest, amount * float(tags[present].mean(dtype=np.float64)))
    rng = np.random.default_rng(random_state)
    is_noisy = ~present & (rng.random(tags.shape, dtype=np.float32) < share)
    noise = rng.random(tags.shape, dtype=np.float32) * upper_bound
    return np.where(is_noisy, noise.astype(np.float32), tags)


@dataclass(frozen=True)
class Augmentation:
    """Changes to the training images before an algorithm is trained.

    Attributes
    ----------
    mask_fractions : tuple of float
        Passed to `mask_samples`; empty for no masked copies.
    noise : float
        Passed to `add_soft_noise`; 0 for no noise.
    random_state : int
        Seed of the noise.

    Examples
    --------
    >>> tags, origin = Augmentation(mask_fractions=(0.5, 1.0)).apply(np.eye(3, dtype=np.float32))
    >>> tags.shape, origin.tolist()
    ((6, 3), [0, 1, 2, 0, 1, 2])
    """

    mask_fractions: tuple[float, ...] = ()
    noise: float = 0.0
    random_state: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether the training images stay unchanged."""
        return not self.mask_fractions and not self.noise

    def apply(self, tags: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Return the masked copies with noise, and the index of the image of each row, as `mask_samples` does."""
        origin = np.arange(len(tags))
        if self.mask_fractions:
            tags, origin = mask_samples(tags, self.mask_fractions)
        if self.noise:
            tags = add_soft_noise(tags, self.noise, random_state=self.random_state)
        return tags, origin
