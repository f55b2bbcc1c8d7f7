"""Copies of training images as they might look to the mood classifier: fewer tags, noisier tags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import InputError

CLASSIC_FRACTIONS = (0.1, 0.25, 0.5, 1.0)
"""Shares of an image's tags that the 2018 program kept in its masked copies."""
CLASSIC_NOISE = 0.1
"""Noise of the 2018 program, as a share of the mean score."""


def mask_samples(
    tags: NDArray[np.float32], fractions: tuple[float, ...] = CLASSIC_FRACTIONS
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Copy each image with only its strongest tags.

    Parameters
    ----------
    tags : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Scores.
    fractions : tuple of float, in (0, 1]
        A copy is made for each: it keeps this share of the tags that the image has, at least one.

    Returns
    -------
    copies : ndarray of shape (n_images * n_fractions, n_tags), float32
        All copies of the first fraction, then all of the second, …; each in a row of its own.
    origin : ndarray of shape (n_images * n_fractions,), int
        The image that each row is a copy of.

    Raises
    ------
    InputError
        If a fraction is not above 0 and at most 1.

    Examples
    --------
    >>> copies, origin = mask_samples(np.array([[0.5, 0.3, 0.2, 0.0]], dtype=np.float32), (0.34, 1.0))
    >>> copies
    array([[0.5, 0.3, 0. , 0. ],
           [0.5, 0.3, 0.2, 0. ]], dtype=float32)
    """
    if not fractions or not all(0 < fraction <= 1 for fraction in fractions):
        raise InputError(f"mask fractions are {fractions}, not above 0 and at most 1")
    order = np.argsort(-tags, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(tags.shape[1])[np.newaxis], axis=1)
    n_present = np.count_nonzero(tags, axis=1)[:, np.newaxis]
    copies = [np.where(rank < np.ceil(fraction * n_present), tags, np.float32(0)) for fraction in fractions]
    return np.concatenate(copies), np.tile(np.arange(len(tags)), len(fractions))


def add_soft_noise(
    tags: NDArray[np.float32], amount: float = CLASSIC_NOISE, *, random_state: int = 0
) -> NDArray[np.float32]:
    """Fill absent tags with a little uniform noise.

    Parameters
    ----------
    tags : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Scores; absent tags are 0.
    amount : float, in [0, 1]
        Highest noise, as a share of the mean score of the tags that are present.
    random_state : int
        Seed.

    Returns
    -------
    ndarray of shape (n_images, n_tags), float32
        The scores, with noise where they were 0.

    Raises
    ------
    InputError
        If the amount is not from 0 to 1.

    Examples
    --------
    >>> noisy = add_soft_noise(np.array([[0.5, 0.0]], dtype=np.float32))
    >>> bool(noisy[0, 0] == 0.5 and 0 < noisy[0, 1] <= 0.05)
    True
    """
    if not 0 <= amount <= 1:
        raise InputError(f"the amount of noise is {amount}, not from 0 to 1")
    present = tags > 0
    if not present.any():
        return tags.copy()
    highest = amount * float(tags[present].mean(dtype=np.float64))
    noise = np.random.default_rng(random_state).uniform(0, highest, size=tags.shape)
    return np.where(present, tags, noise.astype(np.float32))


@dataclass(frozen=True)
class Augmentation:
    """What is done to training images before an algorithm learns from them.

    Attributes
    ----------
    mask_fractions : tuple of float
        See `mask_samples`; empty for no copies.
    noise : float
        See `add_soft_noise`; 0 for none.
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
    def is_none(self) -> bool:
        """Whether the images stay as they are."""
        return not self.mask_fractions and not self.noise

    def apply(self, tags: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Make the copies, then add the noise.

        Parameters
        ----------
        tags : ndarray of shape (n_images, n_tags), float32, in [0, 1]
            Scores.

        Returns
        -------
        tags : ndarray of shape (n_rows, n_tags), float32
            Scores of the copies.
        origin : ndarray of shape (n_rows,), int
            The image that each row is a copy of: its label, too, is that image's.

        Raises
        ------
        InputError
            If a fraction or the amount of noise cannot be.
        """
        origin = np.arange(len(tags))
        if self.mask_fractions:
            tags, origin = mask_samples(tags, self.mask_fractions)
        if self.noise:
            tags = add_soft_noise(tags, self.noise, random_state=self.random_state)
        return tags, origin
