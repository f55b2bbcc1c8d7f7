"""Composition: level of detail, directions of lines, and the rule of thirds."""

from __future__ import annotations

import cv2
import numpy as np

from imagemood.visual.feature import Feature, FeatureGroup
from imagemood.visual.image_arrays import SIZE_PX, ImageArrays

_MAX_STATIC_ANGLE = np.deg2rad(10)
_MIN_LINE_PX = SIZE_PX // 10


def level_of_detail(arrays: ImageArrays) -> dict[str, float]:
    """Count the regions of the image [1]_.

    Returns
    -------
    dict of str to float
        ``level_of_detail``: the number of regions that `imagemood.visual.segmentation.segment` finds, at least 1.

    References
    ----------
    .. [1] Machajdik, J., Hanbury, A. (2010). Affective image classification using features inspired by psychology
       and art theory. ACM Multimedia, 83-92.

    Examples
    --------
    >>> image = np.zeros((224, 224, 3), dtype=np.uint8)
    >>> image[:, 112:] = 255
    >>> level_of_detail(ImageArrays(image))
    {'level_of_detail': 2.0}
    """
    return {"level_of_detail": float(arrays.regions.max() + 1)}


def line_dynamics(arrays: ImageArrays) -> dict[str, float]:
    """Measure the shares and lengths of static lines, which look calm, and of slanted lines, which look dynamic.

    Lines are found by the probabilistic Hough transform in the edges that Canny's detector finds. A line is static
    if it is within 10° of the horizontal or of the vertical; otherwise it is slanted [1]_.

    Returns
    -------
    dict of str to float
        ``lines_static_share`` and ``lines_slanted_share``: shares of the lines, which sum to 1; both are 0 for an
        image without lines. ``lines_static_length`` and ``lines_slanted_length``: mean lengths relative to the
        side of the image, in [0, √2]; 0 if there are no lines of that kind.

    References
    ----------
    .. [1] Machajdik, J., Hanbury, A. (2010). Affective image classification using features inspired by psychology
       and art theory. ACM Multimedia, 83-92.

    Examples
    --------
    >>> image = np.zeros((224, 224, 3), dtype=np.uint8)
    >>> image[:, 112:] = 255
    >>> lines = line_dynamics(ImageArrays(image))
    >>> lines["lines_static_share"], lines["lines_slanted_share"]
    (1.0, 0.0)
    """
    edges = cv2.Canny(arrays.grey, 100, 200)
    found = cv2.HoughLinesP(edges, 1, np.pi / 180, 30, minLineLength=_MIN_LINE_PX, maxLineGap=3)
    lines = np.empty((0, 4)) if found is None else np.asarray(found, dtype=np.float64).reshape(-1, 4)
    width, height = np.abs(lines[:, 2] - lines[:, 0]), np.abs(lines[:, 3] - lines[:, 1])
    lengths = np.hypot(width, height) / SIZE_PX
    is_static = np.minimum(width, height) <= np.maximum(width, height) * np.tan(_MAX_STATIC_ANGLE)
    measured = {}
    for name, is_kind in (("static", is_static), ("slanted", ~is_static)):
        measured[f"lines_{name}_share"] = float(is_kind.mean()) if len(lines) else 0.0
        measured[f"lines_{name}_length"] = float(lengths[is_kind].mean()) if is_kind.any() else 0.0
    return measured


def rule_of_thirds(arrays: ImageArrays) -> dict[str, float]:
    """Measure mean saturation, brightness and hue of the central ninth of the image [1]_.

    Returns
    -------
    dict of str to float
        ``thirds_saturation`` and ``thirds_brightness`` in [0, 1]; ``thirds_hue_cos`` and ``thirds_hue_sin``, the
        means of the cosine and of the sine of the hue, weighted by saturation, in [-1, 1].

    References
    ----------
    .. [1] Datta, R., Joshi, D., Li, J., Wang, J. Z. (2006). Studying aesthetics in photographic images using a
       computational approach. ECCV.

    Examples
    --------
    >>> image = np.zeros((224, 224, 3), dtype=np.uint8)
    >>> image[70:155, 70:155] = (255, 0, 0)
    >>> thirds = rule_of_thirds(ImageArrays(image))
    >>> thirds["thirds_saturation"], round(thirds["thirds_hue_cos"], 6)
    (1.0, 1.0)
    """
    third = slice(SIZE_PX // 3, 2 * SIZE_PX // 3 + 1)
    centre = (third, third)
    weights = arrays.saturation[centre]
    cosine, sine = arrays.mean_hue(weights, centre)
    return {
        "thirds_saturation": float(weights.mean()),
        "thirds_brightness": float(arrays.brightness[centre].mean()),
        "thirds_hue_cos": cosine,
        "thirds_hue_sin": sine,
    }


_MACHAJDIK = "Machajdik and Hanbury (2010)"
_DATTA = "Datta et al. (2006)"
_LENGTH = "mean length of the {} lines, relative to the side of the picture"
_CENTRE = "over the central ninth of the picture"

GROUPS = (
    FeatureGroup(
        "level of detail",
        "Composition",
        level_of_detail,
        (Feature("level_of_detail", "number of regions", 1, SIZE_PX**2, unit="regions", source=_MACHAJDIK),),
    ),
    FeatureGroup(
        "dynamics",
        "Composition",
        line_dynamics,
        (
            Feature(
                "lines_static_share",
                "share of the lines that are within 10° of the horizontal or of the vertical",
                0,
                1,
                source=_MACHAJDIK,
            ),
            Feature("lines_static_length", _LENGTH.format("static"), 0, 2**0.5, source=_MACHAJDIK),
            Feature("lines_slanted_share", "share of all other lines", 0, 1, source=_MACHAJDIK),
            Feature("lines_slanted_length", _LENGTH.format("slanted"), 0, 2**0.5, source=_MACHAJDIK),
        ),
    ),
    FeatureGroup(
        "rule of thirds",
        "Composition",
        rule_of_thirds,
        (
            Feature("thirds_saturation", f"mean saturation {_CENTRE}", 0, 1, source=_DATTA),
            Feature("thirds_brightness", f"mean brightness {_CENTRE}", 0, 1, source=_DATTA),
            Feature("thirds_hue_cos", f"mean of cos h, weighted by saturation, {_CENTRE}", -1, 1, source=_DATTA),
            Feature("thirds_hue_sin", f"mean of sin h, weighted by saturation, {_CENTRE}", -1, 1, source=_DATTA),
        ),
    ),
)
