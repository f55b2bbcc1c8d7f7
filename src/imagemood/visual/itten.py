"""Itten's colour contrasts, between the regions of a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imagemood.visual.picture import Picture

_WARMEST = np.deg2rad(50)  # orange; the coldest hue lies opposite


def contrasts(picture: Picture) -> dict[str, float]:
    r"""Measure contrasts of light and dark, of saturation, of warm and cold, and of complements [1]_ [2]_.

    Each region :math:`i` has a share :math:`a_i` of the picture, mean brightness :math:`y_i`, mean saturation
    :math:`s_i` and mean hue :math:`h_i`. A hue is warm by :math:`w_i = s_i \max(0, \cos(h_i - 50°))` and cold by
    :math:`c_i = s_i \max(0, -\cos(h_i - 50°))`. The contrasts of light and dark, of saturation and of warm and
    cold are the standard deviations of :math:`y_i`, :math:`s_i` and :math:`w_i - c_i`, weighted by :math:`a_i`;
    that of complements is :math:`2 \sum_{ij} a_i a_j s_i s_j \max(0, -\cos(h_i - h_j))`.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Contrasts in [0, 1], and the shares of warm and cold, :math:`\sum a_i w_i` and :math:`\sum a_i c_i`.

    References
    ----------
    .. [1] Itten, J. (1961). Kunst der Farbe. Otto Maier.
    .. [2] Wang, W.-N., Yu, Y.-L., Jiang, S.-M. (2006). Image retrieval by emotional semantics. IEEE International
       Conference on Systems, Man and Cybernetics.
    """
    regions = picture.segments.ravel()
    sizes = np.bincount(regions).astype(np.float64)

    def mean(plane: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.bincount(regions, plane.ravel()) / sizes

    area = sizes / sizes.sum()
    brightness, saturation = mean(picture.brightness), mean(picture.saturation)
    hue = np.stack([mean(picture.hue_cos * picture.saturation), mean(picture.hue_sin * picture.saturation)])
    length = np.hypot(*hue)
    hue = np.divide(hue, length, out=np.zeros_like(hue), where=length > 1e-9)
    warmth = saturation * (hue[0] * np.cos(_WARMEST) + hue[1] * np.sin(_WARMEST))
    opposition = np.maximum(-(hue.T @ hue), 0)
    amount = area * saturation
    return {
        "contrast_light_dark": _spread(brightness, area),
        "contrast_saturation": _spread(saturation, area),
        "contrast_warm_cold": _spread(warmth, area),
        "contrast_complementary": float(2 * (amount @ opposition @ amount)),
        "warm_share": float(area @ np.maximum(warmth, 0)),
        "cold_share": float(area @ np.maximum(-warmth, 0)),
    }


def _spread(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    return float(np.sqrt(weights @ (values - weights @ values) ** 2))
