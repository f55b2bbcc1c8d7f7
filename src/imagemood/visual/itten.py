"""Itten's colour contrasts between the regions of an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imagemood.visual.feature import Feature, FeatureGroup
from imagemood.visual.image_arrays import ImageArrays

_WARMEST_HUE = np.deg2rad(50)  # orange; the coldest hue is opposite


def itten_contrasts(arrays: ImageArrays) -> dict[str, float]:
    r"""Measure contrasts of light and dark, of saturation, of warm and cold, and of complementary colours.

    The contrasts are those of Itten [1]_, measured between regions as proposed by Wang et al. [2]_. Each region
    :math:`i` has a share :math:`a_i` of the image, a mean brightness :math:`y_i`, a mean saturation :math:`s_i`
    and a mean hue :math:`h_i`. Its warmth is :math:`w_i = s_i \max(0, \cos(h_i - 50°))` and its coldness is
    :math:`c_i = s_i \max(0, -\cos(h_i - 50°))`. The contrasts of light and dark, of saturation, and of warm and
    cold are the standard deviations of :math:`y_i`, :math:`s_i` and :math:`w_i - c_i`, weighted by :math:`a_i`.
    The complementary contrast is :math:`2 \sum_{ij} a_i a_j s_i s_j \max(0, -\cos(h_i - h_j))`.

    Returns
    -------
    dict of str to float
        ``contrast_light_dark`` and ``contrast_saturation`` in [0, 0.5]; ``contrast_warm_cold`` and
        ``contrast_complementary`` in [0, 1]; ``warm_share`` :math:`\sum a_i w_i` and ``cold_share``
        :math:`\sum a_i c_i` in [0, 1].

    References
    ----------
    .. [1] Itten, J. (1961). Kunst der Farbe. Otto Maier.
    .. [2] Wang, W.-N., Yu, Y.-L., Jiang, S.-M. (2006). Image retrieval by emotional semantics. IEEE International
       Conference on Systems, Man and Cybernetics.

    Examples
    --------
    >>> image = np.zeros((224, 224, 3), dtype=np.uint8)
    >>> image[:, 112:] = 255
    >>> contrasts = itten_contrasts(ImageArrays(image))
    >>> round(contrasts["contrast_light_dark"], 2), contrasts["contrast_saturation"]
    (0.5, 0.0)
    """
    regions = arrays.regions.ravel()
    sizes = np.bincount(regions).astype(np.float64)

    def mean(plane: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.bincount(regions, plane.ravel()) / sizes

    area = sizes / sizes.sum()
    brightness, saturation = mean(arrays.brightness), mean(arrays.saturation)
    hue = np.stack([mean(arrays.hue_cos * arrays.saturation), mean(arrays.hue_sin * arrays.saturation)])
    length = np.hypot(*hue)
    hue = np.divide(hue, length, out=np.zeros_like(hue), where=length > 1e-9)
    warmth = saturation * (hue[0] * np.cos(_WARMEST_HUE) + hue[1] * np.sin(_WARMEST_HUE))
    opposition = np.maximum(-(hue.T @ hue), 0)
    colour_amount = area * saturation
    return {
        "contrast_light_dark": _weighted_deviation(brightness, area),
        "contrast_saturation": _weighted_deviation(saturation, area),
        "contrast_warm_cold": _weighted_deviation(warmth, area),
        "contrast_complementary": float(2 * (colour_amount @ opposition @ colour_amount)),
        "warm_share": float(area @ np.maximum(warmth, 0)),
        "cold_share": float(area @ np.maximum(-warmth, 0)),
    }


def _weighted_deviation(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the standard deviation of the values, with weights that sum to 1."""
    return float(np.sqrt(weights @ (values - weights @ values) ** 2))


_DEVIATION = "standard deviation of {} over the regions, weighted by aᵢ"
_WANG = "Itten (1961), Wang et al. (2006)"

GROUPS = (
    FeatureGroup(
        "Itten contrasts",
        "Colour",
        itten_contrasts,
        (
            Feature("contrast_light_dark", _DEVIATION.format("yᵢ"), 0, 0.5, source=_WANG),
            Feature("contrast_saturation", _DEVIATION.format("sᵢ"), 0, 0.5, source=_WANG),
            Feature("contrast_warm_cold", _DEVIATION.format("wᵢ − cᵢ"), 0, 1, source=_WANG),
            Feature("contrast_complementary", "2 Σᵢⱼ aᵢ aⱼ sᵢ sⱼ max(0, −cos(hᵢ − hⱼ))", 0, 1, source=_WANG),
            Feature("warm_share", "Σᵢ aᵢ wᵢ", 0, 1, source=_WANG),
            Feature("cold_share", "Σᵢ aᵢ cᵢ", 0, 1, source=_WANG),
        ),
    ),
)
