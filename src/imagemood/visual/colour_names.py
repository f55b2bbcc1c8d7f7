"""Colour names: how much of a picture has each of the eleven basic colours."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from imagemood.visual.picture import Picture

BASIC_COLOURS = {
    "black": (0, 0, 0),
    "blue": (3, 67, 223),
    "brown": (101, 55, 0),
    "green": (21, 176, 26),
    "grey": (146, 149, 145),
    "orange": (249, 115, 6),
    "pink": (255, 129, 192),
    "purple": (126, 30, 156),
    "red": (229, 0, 0),
    "white": (255, 255, 255),
    "yellow": (255, 255, 20),
}
"""The eleven basic colours and what 222,500 people in the colour survey of 2010 most agreed to call so (sRGB)."""

_BITS = 5  # of each of red, green and blue that are looked at: 32,768 colours


def shares(picture: Picture) -> dict[str, float]:
    """Tell the share of each basic colour.

    A pixel has the basic colour [1]_ whose best example, by a survey among 222,500 people [2]_, is nearest in
    CIELAB.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Shares in [0, 1] that sum to 1.

    References
    ----------
    .. [1] Berlin, B., Kay, P. (1969). Basic color terms. University of California Press.
    .. [2] Munroe, R. (2010). Color survey results. xkcd. Public domain (CC0).
    """
    levels = (picture.rgb >> (8 - _BITS)).astype(np.int32)
    place = (((levels[..., 0] << _BITS) | levels[..., 1]) << _BITS) | levels[..., 2]
    counts = np.bincount(_nearest()[place.ravel()], minlength=len(BASIC_COLOURS))
    return {f"colour_{name}": float(n) / place.size for name, n in zip(BASIC_COLOURS, counts, strict=True)}


@cache
def _nearest() -> NDArray[np.uint8]:
    """Find the basic colour nearest to each of the 32,768 colours."""
    n_levels = 1 << _BITS
    steps = (np.arange(n_levels, dtype=np.float32)) / np.float32(n_levels - 1)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(1, -1, 3)
    best = np.array([list(BASIC_COLOURS.values())], dtype=np.float32) / np.float32(255)
    every, names = (cv2.cvtColor(colours, cv2.COLOR_RGB2LAB)[0] for colours in (grid, best))
    distances = np.linalg.norm(every[:, np.newaxis] - names, axis=2)
    nearest: NDArray[np.uint8] = distances.argmin(axis=1).astype(np.uint8)
    return nearest
