"""Grey-level co-occurrence: how often pairs of levels occur in neighbouring pixels."""

from __future__ import annotations

import numpy as np
from skimage.feature import graycomatrix, graycoprops

from imagemood.visual.feature import Feature, FeatureGroup
from imagemood.visual.image_arrays import HSV_CHANNELS, ImageArrays

_BITS = 5  # 32 levels
_ANGLES = (0, np.pi / 4, np.pi / 2, 3 * np.pi / 4)
_HARALICK = "Haralick et al. (1973)"


def cooccurrence_textures(arrays: ImageArrays) -> dict[str, float]:
    r"""Measure contrast, correlation, energy and homogeneity of neighbouring pixels in each HSV channel.

    Let :math:`p_{ij}` be the share of pairs of neighbouring pixels in which one pixel has level :math:`i` and the
    other has level :math:`j`, with 32 levels, at distance 1, in one direction. Contrast is
    :math:`\sum p_{ij} (i - j)^2 / 31^2`, correlation is :math:`\sum p_{ij} (i - \mu)(j - \mu) / \sigma^2`, energy
    is :math:`\sqrt{\sum p_{ij}^2}`, and homogeneity is :math:`\sum p_{ij} / (1 + (i - j)^2)` [1]_. Each is
    averaged over four directions: horizontal, vertical and both diagonals.

    Returns
    -------
    dict of str to float
        ``glcm_contrast_hue`` to ``glcm_homogeneity_value``. Correlations lie in [-1, 1] and are 1 for a uniform
        channel; all other values lie in [0, 1].

    References
    ----------
    .. [1] Haralick, R. M., Shanmugam, K., Dinstein, I. (1973). Textural features for image classification. IEEE
       Transactions on Systems, Man and Cybernetics 3(6), 610-621.

    Examples
    --------
    >>> white = ImageArrays(np.full((224, 224, 3), 255, dtype=np.uint8))
    >>> textures = cooccurrence_textures(white)
    >>> textures["glcm_contrast_value"], round(textures["glcm_energy_value"], 6)
    (0.0, 1.0)
    """
    levels = arrays.hsv >> (8 - _BITS)
    n_levels = 1 << _BITS
    measured = {}
    for c, channel in enumerate(HSV_CHANNELS):
        pairs = graycomatrix(levels[..., c], [1], _ANGLES, n_levels, symmetric=True, normed=True)  # type: ignore[no-untyped-call]
        for name in ("contrast", "correlation", "energy", "homogeneity"):
            scale = (n_levels - 1) ** 2 if name == "contrast" else 1
            measured[f"glcm_{name}_{channel}"] = float(graycoprops(pairs, name).mean()) / scale  # type: ignore[no-untyped-call]
    return measured


def _channel_features(channel: str) -> tuple[Feature, ...]:
    return (
        Feature(f"glcm_contrast_{channel}", "Σ pᵢⱼ (i − j)² / 31²", 0, 1, source=_HARALICK),
        Feature(f"glcm_correlation_{channel}", "Σ pᵢⱼ (i − μ)(j − μ) / σ²", -1, 1, source=_HARALICK),
        Feature(f"glcm_energy_{channel}", "√(Σ pᵢⱼ²)", 0, 1, source=_HARALICK),
        Feature(f"glcm_homogeneity_{channel}", "Σ pᵢⱼ / (1 + (i − j)²)", 0, 1, source=_HARALICK),
    )


GROUPS = (
    FeatureGroup(
        "co-occurrence",
        "Texture",
        cooccurrence_textures,
        tuple(feature for channel in HSV_CHANNELS for feature in _channel_features(channel)),
    ),
)
