"""Colour: saturation and brightness, emotion coordinates, hue as a circular statistic, colourfulness."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from imagemood.visual.picture import Picture

_N_LEVELS = 4  # of each of red, green and blue: 64 colours


def means(picture: Picture) -> dict[str, float]:
    r"""Average saturation and brightness, and place the picture by them among emotions.

    With the means :math:`S` and :math:`Y` of saturation and brightness, pleasure is :math:`0.69 Y + 0.22 S`,
    arousal :math:`-0.31 Y + 0.60 S` and dominance :math:`-0.76 Y + 0.32 S` [1]_.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        The means in [0, 1], and the three coordinates in [-1, 1].

    References
    ----------
    .. [1] Valdez, P., Mehrabian, A. (1994). Effects of color on emotions. Journal of Experimental Psychology:
       General 123(4), 394-409.
    """
    saturation, brightness = float(picture.saturation.mean()), float(picture.brightness.mean())
    return {
        "saturation_mean": saturation,
        "brightness_mean": brightness,
        "pleasure": 0.69 * brightness + 0.22 * saturation,
        "arousal": -0.31 * brightness + 0.60 * saturation,
        "dominance": -0.76 * brightness + 0.32 * saturation,
    }


def hue(picture: Picture) -> dict[str, float]:
    r"""Average the hue as a direction, over coloured pixels alike and weighted by their saturation.

    The mean of the unit vectors :math:`(\cos h, \sin h)` has the direction of the mean hue and the length
    :math:`R`; the circular variance :math:`1 - R` is the spread [1]_.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Cosine and sine of the mean direction times :math:`R`, in [-1, 1], and the spread in [0, 1]: 0 for a
        single hue, 1 for none at all or for hues that cancel out.

    References
    ----------
    .. [1] Hanbury, A. (2003). Circular statistics applied to colour images. Computer Vision Winter Workshop.
    """
    coloured = (picture.hue_cos != 0) | (picture.hue_sin != 0)
    return {
        **_direction(picture, coloured.astype(np.float32), "hue"),
        **_direction(picture, picture.saturation, "hue_weighted"),
    }


def _direction(picture: Picture, weights: NDArray[np.float32], name: str) -> dict[str, float]:
    along, across = picture.mean_hue(weights)
    spread = min(max(1 - float(np.hypot(along, across)), 0.0), 1.0)
    return {f"{name}_cos": along, f"{name}_sin": across, f"{name}_spread": spread}


def colourfulness(picture: Picture) -> dict[str, float]:
    """Measure how far the colours are from all colours alike: the less, the more colourful.

    It is the earth mover's distance between the histogram of 64 colours (red, green and blue in four levels
    each) and the uniform one, where moving costs the distance of the colours in CIELUV [1]_.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        The distance in units of CIELUV: about 60 for the most colourful photos, 130 and more for one colour.

    References
    ----------
    .. [1] Datta, R., Joshi, D., Li, J., Wang, J. Z. (2006). Studying aesthetics in photographic images using a
       computational approach. ECCV. Feature 2.
    """
    levels = (picture.rgb >> 6).astype(np.int32)
    place = (levels[..., 0] * _N_LEVELS + levels[..., 1]) * _N_LEVELS + levels[..., 2]
    shares = np.bincount(place.ravel(), minlength=_N_LEVELS**3) / place.size
    uniform = np.full_like(shares, 1 / len(shares))
    first, second = (part[:, np.newaxis].astype(np.float32) for part in (shares, uniform))
    distance, *_ = cv2.EMD(first, second, cv2.DIST_USER, _colour_distances())
    return {"uniform_colour_distance": float(distance)}


@cache
def _colour_distances() -> NDArray[np.float32]:
    """Distances in CIELUV of the middles of the 64 colours."""
    middles = (np.arange(_N_LEVELS, dtype=np.float32) + np.float32(0.5)) / _N_LEVELS
    rgb = np.stack(np.meshgrid(middles, middles, middles, indexing="ij"), axis=-1).reshape(1, -1, 3)
    luv = cv2.cvtColor(rgb, cv2.COLOR_RGB2LUV)[0]
    distances: NDArray[np.float32] = np.linalg.norm(luv[:, np.newaxis] - luv, axis=2).astype(np.float32)
    return distances
