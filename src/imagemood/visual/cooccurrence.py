"""Grey-level co-occurrence: what values lie beside each other."""

from __future__ import annotations

import numpy as np
from skimage.feature import graycomatrix, graycoprops

from imagemood.visual.picture import HSV_CHANNELS, Picture

_BITS = 5  # 32 levels
_ANGLES = (0, np.pi / 4, np.pi / 2, 3 * np.pi / 4)


def cooccurrence(picture: Picture) -> dict[str, float]:
    r"""Measure contrast, correlation, energy and homogeneity of neighbours in each HSV channel [1]_.

    With :math:`p_{ij}` the share of neighbouring pixels (distance 1, four directions, 32 levels) of which one has
    level :math:`i` and the other :math:`j`: contrast :math:`\sum p_{ij} (i - j)^2 / 31^2`, correlation
    :math:`\sum p_{ij} (i - \mu)(j - \mu) / \sigma^2`, energy :math:`\sqrt{\sum p_{ij}^2}` and homogeneity
    :math:`\sum p_{ij} / (1 + (i - j)^2)`, each averaged over the directions.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Each in [0, 1], but for the correlation in [-1, 1], which is 1 where all is alike.

    References
    ----------
    .. [1] Haralick, R. M., Shanmugam, K., Dinstein, I. (1973). Textural features for image classification. IEEE
       Transactions on Systems, Man and Cybernetics 3(6), 610-621.
    """
    levels = picture.hsv >> (8 - _BITS)
    n_levels = 1 << _BITS
    measured = {}
    for c, channel in enumerate(HSV_CHANNELS):
        pairs = graycomatrix(levels[..., c], [1], _ANGLES, n_levels, symmetric=True, normed=True)  # type: ignore[no-untyped-call]
        for name in ("contrast", "correlation", "energy", "homogeneity"):
            scale = (n_levels - 1) ** 2 if name == "contrast" else 1
            measured[f"glcm_{name}_{channel}"] = float(graycoprops(pairs, name).mean()) / scale  # type: ignore[no-untyped-call]
    return measured
