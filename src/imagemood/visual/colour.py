"""Colour: saturation, brightness, emotional coordinates, hue as a circular quantity, and colourfulness."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from imagemood.visual.feature import Feature, FeatureGroup
from imagemood.visual.image_arrays import ImageArrays

_N_LEVELS = 4  # of each of red, green and blue: 64 colours


def colour_means(arrays: ImageArrays) -> dict[str, float]:
    r"""Measure mean saturation and brightness, and the emotional coordinates that follow from them.

    With the mean saturation :math:`S` and the mean brightness :math:`Y` [1]_, pleasure is
    :math:`0.69 Y + 0.22 S`, arousal is :math:`-0.31 Y + 0.60 S` and dominance is :math:`-0.76 Y + 0.32 S` [2]_.

    Returns
    -------
    dict of str to float
        ``saturation_mean`` and ``brightness_mean`` in [0, 1], ``pleasure`` in [0, 0.91], ``arousal`` in
        [-0.31, 0.60] and ``dominance`` in [-0.76, 0.32].

    References
    ----------
    .. [1] Machajdik, J., Hanbury, A. (2010). Affective image classification using features inspired by psychology
       and art theory. ACM Multimedia, 83-92.
    .. [2] Valdez, P., Mehrabian, A. (1994). Effects of color on emotions. Journal of Experimental Psychology:
       General 123(4), 394-409.

    Examples
    --------
    >>> white = ImageArrays(np.full((224, 224, 3), 255, dtype=np.uint8))
    >>> {name: round(value, 2) for name, value in colour_means(white).items()}
    {'saturation_mean': 0.0, 'brightness_mean': 1.0, 'pleasure': 0.69, 'arousal': -0.31, 'dominance': -0.76}
    """
    saturation, brightness = float(arrays.saturation.mean()), float(arrays.brightness.mean())
    return {
        "saturation_mean": saturation,
        "brightness_mean": brightness,
        "pleasure": 0.69 * brightness + 0.22 * saturation,
        "arousal": -0.31 * brightness + 0.60 * saturation,
        "dominance": -0.76 * brightness + 0.32 * saturation,
    }


def hue_statistics(arrays: ImageArrays) -> dict[str, float]:
    r"""Measure the circular mean and the circular variance of the hue.

    The mean of the unit vectors :math:`(\cos h, \sin h)` points in the direction of the mean hue, and its length
    :math:`R` is larger the more the hues agree; :math:`1 - R` is their circular variance, the spread [1]_. The
    mean is computed twice: over all pixels that are not grey, with equal weights, and over all pixels, weighted
    by their saturation.

    Returns
    -------
    dict of str to float
        ``hue_cos`` and ``hue_sin``, the components of the mean vector in [-1, 1], and ``hue_spread`` in [0, 1]:
        0 for a single hue, 1 for hues that cancel out and for a grey image. The same weighted by saturation:
        ``hue_weighted_cos``, ``hue_weighted_sin`` and ``hue_weighted_spread``.

    References
    ----------
    .. [1] Hanbury, A. (2003). Circular statistics applied to colour images. Computer Vision Winter Workshop.

    Examples
    --------
    >>> cyan = ImageArrays(np.full((224, 224, 3), (0, 255, 255), dtype=np.uint8))
    >>> statistics = hue_statistics(cyan)
    >>> statistics["hue_cos"], statistics["hue_spread"]
    (-1.0, 0.0)
    """
    has_hue = (arrays.hue_cos != 0) | (arrays.hue_sin != 0)
    return {
        **_mean_and_spread(arrays, has_hue.astype(np.float32), "hue"),
        **_mean_and_spread(arrays, arrays.saturation, "hue_weighted"),
    }


def _mean_and_spread(arrays: ImageArrays, weights: NDArray[np.float32], name: str) -> dict[str, float]:
    cosine, sine = arrays.mean_hue(weights)
    spread = min(max(1 - float(np.hypot(cosine, sine)), 0.0), 1.0)
    return {f"{name}_cos": cosine, f"{name}_sin": sine, f"{name}_spread": spread}


def colourfulness(arrays: ImageArrays) -> dict[str, float]:
    """Measure how far the distribution of colours is from the uniform distribution.

    The value is the earth mover's distance between the histogram of 64 colours (four levels each of red, green
    and blue) and the uniform histogram, where the cost of moving from one colour to another is their distance in
    CIELUV [1]_. The smaller the distance, the more colourful the image.

    Returns
    -------
    dict of str to float
        ``uniform_colour_distance`` in units of CIELUV: 0 if all 64 colours are equally frequent, 75 to 154 for an
        image of a single colour.

    References
    ----------
    .. [1] Datta, R., Joshi, D., Li, J., Wang, J. Z. (2006). Studying aesthetics in photographic images using a
       computational approach. ECCV.

    Examples
    --------
    >>> white = ImageArrays(np.full((224, 224, 3), 255, dtype=np.uint8))
    >>> round(colourfulness(white)["uniform_colour_distance"])
    81
    """
    levels = (arrays.rgb >> 6).astype(np.int32)
    colours = (levels[..., 0] * _N_LEVELS + levels[..., 1]) * _N_LEVELS + levels[..., 2]
    shares = np.bincount(colours.ravel(), minlength=_N_LEVELS**3) / colours.size
    uniform = np.full_like(shares, 1 / len(shares))
    first, second = (histogram[:, np.newaxis].astype(np.float32) for histogram in (shares, uniform))
    distance, *_ = cv2.EMD(first, second, cv2.DIST_USER, _colour_distances())
    return {"uniform_colour_distance": float(distance)}


@cache
def _colour_distances() -> NDArray[np.float32]:
    """Return the distances in CIELUV between the centres of the 64 colours, of shape (64, 64)."""
    centres = (np.arange(_N_LEVELS, dtype=np.float32) + np.float32(0.5)) / _N_LEVELS
    rgb = np.stack(np.meshgrid(centres, centres, centres, indexing="ij"), axis=-1).reshape(1, -1, 3)
    luv = cv2.cvtColor(rgb, cv2.COLOR_RGB2LUV)[0]
    distances: NDArray[np.float32] = np.linalg.norm(luv[:, np.newaxis] - luv, axis=2).astype(np.float32)
    return distances


_VALDEZ = "Valdez and Mehrabian (1994)"
_HANBURY = "Hanbury (2003)"
_COLOURED = "over the pixels that are not grey"
_WEIGHTED = "weighted by saturation"

GROUPS = (
    FeatureGroup(
        "colour means",
        "Colour",
        colour_means,
        (
            Feature("saturation_mean", "mean saturation S", 0, 1, source="Machajdik and Hanbury (2010)"),
            Feature("brightness_mean", "mean brightness Y", 0, 1, source="Machajdik and Hanbury (2010)"),
            Feature("pleasure", "0.69 Y + 0.22 S", 0, 0.91, source=_VALDEZ),
            Feature("arousal", "−0.31 Y + 0.60 S", -0.31, 0.60, source=_VALDEZ),
            Feature("dominance", "−0.76 Y + 0.32 S", -0.76, 0.32, source=_VALDEZ),
        ),
    ),
    FeatureGroup(
        "hue",
        "Colour",
        hue_statistics,
        (
            Feature("hue_cos", f"mean of cos h {_COLOURED}", -1, 1, source=_HANBURY),
            Feature("hue_sin", f"mean of sin h {_COLOURED}", -1, 1, source=_HANBURY),
            Feature("hue_spread", "1 − √(`hue_cos`² + `hue_sin`²)", 0, 1, source=_HANBURY),
            Feature("hue_weighted_cos", f"mean of cos h, {_WEIGHTED}", -1, 1, source=_HANBURY),
            Feature("hue_weighted_sin", f"mean of sin h, {_WEIGHTED}", -1, 1, source=_HANBURY),
            Feature(
                "hue_weighted_spread", "1 − √(`hue_weighted_cos`² + `hue_weighted_sin`²)", 0, 1, source=_HANBURY
            ),
        ),
    ),
    FeatureGroup(
        "colourfulness",
        "Colour",
        colourfulness,
        (
            Feature(
                "uniform_colour_distance",
                "earth mover's distance between the histogram of 64 colours and the uniform histogram",
                0,
                154,
                unit="units of CIELUV",
                source="Datta et al. (2006)",
            ),
        ),
    ),
)
