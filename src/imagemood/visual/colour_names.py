"""Colour names: the share of an image that has each of the eleven basic colours."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from imagemood.visual.feature import Feature, FeatureGroup
from imagemood.visual.image_arrays import ImageArrays

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
"""The eleven basic colours and the sRGB values that best represent them in a survey of 222,500 people (2010)."""

_BITS = 5  # of each of red, green and blue: 32,768 colours


def colour_name_shares(arrays: ImageArrays) -> dict[str, float]:
    """Measure the share of the pixels that has each basic colour.

    A pixel has the basic colour [1]_ whose representative value, taken from a survey of 222,500 people [2]_, is
    nearest in CIELAB. Colours are first reduced to five bits per channel.

    Returns
    -------
    dict of str to float
        ``colour_black`` to ``colour_yellow``, each in [0, 1]; the shares sum to 1.

    References
    ----------
    .. [1] Berlin, B., Kay, P. (1969). Basic color terms. University of California Press.
    .. [2] Munroe, R. (2010). Color survey results. xkcd. Public domain (CC0).

    Examples
    --------
    >>> image = np.zeros((224, 224, 3), dtype=np.uint8)
    >>> image[:56] = (255, 255, 255)
    >>> shares = colour_name_shares(ImageArrays(image))
    >>> shares["colour_white"], shares["colour_black"]
    (0.25, 0.75)
    """
    levels = (arrays.rgb >> (8 - _BITS)).astype(np.int32)
    colours = (((levels[..., 0] << _BITS) | levels[..., 1]) << _BITS) | levels[..., 2]
    counts = np.bincount(_nearest_basic_colours()[colours.ravel()], minlength=len(BASIC_COLOURS))
    return {f"colour_{name}": float(n) / colours.size for name, n in zip(BASIC_COLOURS, counts, strict=True)}


@cache
def _nearest_basic_colours() -> NDArray[np.uint8]:
    """Return the index of the nearest basic colour for each of the 32,768 colours."""
    n_levels = 1 << _BITS
    steps = (np.arange(n_levels, dtype=np.float32)) / np.float32(n_levels - 1)
    colours = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(1, -1, 3)
    basic = np.array([list(BASIC_COLOURS.values())], dtype=np.float32) / np.float32(255)
    lab, basic_lab = (cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0] for rgb in (colours, basic))
    distances = np.linalg.norm(lab[:, np.newaxis] - basic_lab, axis=2)
    nearest: NDArray[np.uint8] = distances.argmin(axis=1).astype(np.uint8)
    return nearest


GROUPS = (
    FeatureGroup(
        "colour names",
        "Colour",
        colour_name_shares,
        tuple(
            Feature(
                f"colour_{name}",
                "share of the pixels whose nearest basic colour in CIELAB is this one",
                0,
                1,
                source="Berlin and Kay (1969), Munroe (2010)",
            )
            for name in BASIC_COLOURS
        ),
    ),
)
