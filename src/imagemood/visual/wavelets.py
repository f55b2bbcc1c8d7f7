"""Wavelets: the amount of detail at each scale, and its concentration in the centre of the image."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pywt
from numpy.typing import NDArray

from imagemood.visual.feature import Feature, FeatureGroup
from imagemood.visual.image_arrays import HSV_CHANNELS, ImageArrays

_WAVELET = "db2"
_N_LEVELS = 3
_DATTA = "Datta et al. (2006)"


def wavelet_details(arrays: ImageArrays) -> dict[str, float]:
    r"""Measure the amount of detail in each HSV channel at three scales, and how much of it is in the centre.

    The details :math:`d` of level :math:`l` are the coefficients of the three bands (horizontal, vertical and
    diagonal) of the orthonormal Daubechies wavelet with two vanishing moments. The amplitude of a level is
    :math:`\sqrt{\sum d^2 / n}`, where :math:`n` is the number of pixels; the squared amplitudes of all levels and
    of the remaining approximation sum to the mean square of the channel [1]_. A low depth of field shows as fine
    detail in the centre of the image only: when the image is divided into :math:`4 \times 4` equal parts, it is
    measured as the share of :math:`\sum |d|` at level 1 that the inner four parts have [2]_.

    Returns
    -------
    dict of str to float
        For each channel: ``wavelet_{channel}_{level}`` in [0, 1], where level 1 is the finest;
        ``wavelet_{channel}_sum`` in [0, √3]; and ``low_depth_of_field_{channel}`` in [0, 1], which is 0.25 if
        the details are evenly distributed or absent.

    References
    ----------
    .. [1] Daubechies, I. (1992). Ten lectures on wavelets. SIAM.
    .. [2] Datta, R., Joshi, D., Li, J., Wang, J. Z. (2006). Studying aesthetics in photographic images using a
       computational approach. ECCV.

    Examples
    --------
    >>> rows = np.arange(224)[:, np.newaxis, np.newaxis] % 2 * np.uint8(255)
    >>> stripes = ImageArrays(np.broadcast_to(rows, (224, 224, 3)).astype(np.uint8))
    >>> details = wavelet_details(stripes)
    >>> details["wavelet_value_1"] > 5 * details["wavelet_value_3"]
    True
    """
    channels = arrays.hsv.astype(np.float32) / np.float32(255)
    _, *levels = pywt.wavedec2(channels, _WAVELET, mode="periodization", level=_N_LEVELS, axes=(0, 1))
    n_pixels = channels.shape[0] * channels.shape[1]
    amplitudes = [np.sqrt(sum((band**2).sum(axis=(0, 1)) for band in bands) / n_pixels) for bands in levels[::-1]]
    finest = sum(np.abs(band) for band in levels[-1])
    measured = {}
    for c, channel in enumerate(HSV_CHANNELS):
        by_level = [float(amplitude[c]) for amplitude in amplitudes]
        measured.update({f"wavelet_{channel}_{level}": a for level, a in enumerate(by_level, start=1)})
        measured[f"wavelet_{channel}_sum"] = sum(by_level)
        measured[f"low_depth_of_field_{channel}"] = _share_in_centre(finest[..., c])
    return measured


def _share_in_centre(details: NDArray[np.float32]) -> float:
    """Return the share of the sum that the inner four of 16 equal parts have; 0.25 if the sum is 0."""
    row_bounds, column_bounds = (np.linspace(0, n, 5).astype(int) for n in details.shape)
    sums = np.array(
        [
            [details[top:bottom, left:right].sum(dtype=np.float64) for left, right in pairwise(column_bounds)]
            for top, bottom in pairwise(row_bounds)
        ]
    )
    total = sums.sum()
    return float(sums[1:3, 1:3].sum() / total) if total > 1e-6 else 0.25


def _channel_features(channel: str) -> tuple[Feature, ...]:
    return (
        *(
            Feature(
                f"wavelet_{channel}_{level}",
                "√(Σ d² / n) over the details d of level 1 (the finest), 2 or 3; n is the number of pixels",
                0,
                1,
                source=f"{_DATTA}, Daubechies (1992)",
            )
            for level in range(1, _N_LEVELS + 1)
        ),
        Feature(f"wavelet_{channel}_sum", "sum of the three levels", 0, _N_LEVELS**0.5, source=_DATTA),
        Feature(
            f"low_depth_of_field_{channel}",
            "share of Σ abs(d) of level 1 in the inner 4 of 16 equal parts; 0.25 without details",
            0,
            1,
            source=_DATTA,
        ),
    )


GROUPS = (
    FeatureGroup(
        "wavelets",
        "Texture",
        wavelet_details,
        tuple(feature for channel in HSV_CHANNELS for feature in _channel_features(channel)),
    ),
)
