"""Composition: level of detail, dynamics of lines, the middle by the rule of thirds."""

from __future__ import annotations

import cv2
import numpy as np

from imagemood.visual.picture import SIZE_PX, Picture

_STATIC = np.deg2rad(10)  # a line within so much of the horizontal or vertical is at rest
_SHORTEST_PX = SIZE_PX // 10


def level_of_detail(picture: Picture) -> dict[str, float]:
    """Count the regions of the picture [1]_.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Number of regions of the segmentation, at least 1.

    References
    ----------
    .. [1] Machajdik, J., Hanbury, A. (2010). Affective image classification using features inspired by psychology
       and art theory. ACM Multimedia, 83-92.
    """
    return {"level_of_detail": float(picture.segments.max() + 1)}


def dynamics(picture: Picture) -> dict[str, float]:
    """Measure static lines, which calm, and slanted ones, which stir [1]_.

    Lines are found by the probabilistic Hough transform on Canny's edges; within 10° of the horizontal or the
    vertical they are static, else slanted.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Shares of static and of slanted lines, which sum to 1 or, without lines, to 0; and the mean length of
        each kind as a share of the picture's side, 0 without any.

    References
    ----------
    .. [1] Machajdik, J., Hanbury, A. (2010). Affective image classification using features inspired by psychology
       and art theory. ACM Multimedia, 83-92.
    """
    edges = cv2.Canny(picture.grey, 100, 200)
    found = cv2.HoughLinesP(edges, 1, np.pi / 180, 30, minLineLength=_SHORTEST_PX, maxLineGap=3)
    lines = np.empty((0, 4)) if found is None else np.asarray(found, dtype=np.float64).reshape(-1, 4)
    across, along = np.abs(lines[:, 2] - lines[:, 0]), np.abs(lines[:, 3] - lines[:, 1])
    lengths = np.hypot(across, along) / SIZE_PX
    static = np.minimum(across, along) <= np.maximum(across, along) * np.tan(_STATIC)
    measured = {}
    for name, chosen in (("static", static), ("slanted", ~static)):
        measured[f"lines_{name}_share"] = float(chosen.mean()) if len(lines) else 0.0
        measured[f"lines_{name}_length"] = float(lengths[chosen].mean()) if chosen.any() else 0.0
    return measured


def thirds(picture: Picture) -> dict[str, float]:
    """Average saturation, brightness and hue over the middle ninth of the picture [1]_.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Saturation and brightness in [0, 1]; the mean of the hue's cosine and sine, weighted by saturation,
        in [-1, 1].

    References
    ----------
    .. [1] Datta, R., Joshi, D., Li, J., Wang, J. Z. (2006). Studying aesthetics in photographic images using a
       computational approach. ECCV. Features 5-7.
    """
    third = slice(SIZE_PX // 3, 2 * SIZE_PX // 3 + 1)
    middle = (third, third)
    weights = picture.saturation[middle]
    cosine, sine = picture.mean_hue(weights, middle)
    return {
        "thirds_saturation": float(weights.mean()),
        "thirds_brightness": float(picture.brightness[middle].mean()),
        "thirds_hue_cos": cosine,
        "thirds_hue_sin": sine,
    }
