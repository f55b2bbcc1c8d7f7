"""Wavelets: how much detail there is at each scale, and whether only the middle is sharp."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pywt
from numpy.typing import NDArray

from imagemood.visual.picture import HSV_CHANNELS, Picture

_WAVELET = "db2"
_N_LEVELS = 3


def energies(picture: Picture) -> dict[str, float]:
    r"""Measure the detail of each HSV channel at three scales, and the share of it in the middle.

    The details :math:`d` of level :math:`l` are the three bands (horizontal, vertical, diagonal) of the
    orthonormal wavelet of Daubechies with two vanishing moments. The amplitude of a level is
    :math:`\sqrt{\sum d^2 / n}` with :math:`n` the number of pixels, so that the squared amplitudes of all levels
    and of the remaining coarse picture sum to the channel's mean square [1]_. Low depth of field shows as details
    of level 1 in the middle of the picture: of :math:`4 \times 4` equal parts, the share of
    :math:`\sum |d|` in the inner four [2]_.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Amplitudes in [0, 1] for each channel and level (1 is the finest), their sums over levels, and shares in
        [0, 1]; 0.25 where details are alike everywhere or absent.

    References
    ----------
    .. [1] Daubechies, I. (1992). Ten lectures on wavelets. SIAM.
    .. [2] Datta, R., Joshi, D., Li, J., Wang, J. Z. (2006). Studying aesthetics in photographic images using a
       computational approach. ECCV. Features 10-21 and 53-55.
    """
    channels = picture.hsv.astype(np.float32) / np.float32(255)
    _, *levels = pywt.wavedec2(channels, _WAVELET, mode="periodization", level=_N_LEVELS, axes=(0, 1))
    n_pixels = channels.shape[0] * channels.shape[1]
    amplitudes = [np.sqrt(sum((band**2).sum(axis=(0, 1)) for band in bands) / n_pixels) for bands in levels[::-1]]
    finest = sum(np.abs(band) for band in levels[-1])
    measured = {}
    for c, channel in enumerate(HSV_CHANNELS):
        of_channel = [float(amplitude[c]) for amplitude in amplitudes]
        measured.update({f"wavelet_{channel}_{level}": a for level, a in enumerate(of_channel, start=1)})
        measured[f"wavelet_{channel}_sum"] = sum(of_channel)
        measured[f"low_depth_of_field_{channel}"] = _share_in_the_middle(finest[..., c])
    return measured


def _share_in_the_middle(details: NDArray[np.float32]) -> float:
    quarters = [np.linspace(0, n, 5).astype(int) for n in details.shape]
    sums = np.array(
        [
            [details[top:bottom, left:right].sum(dtype=np.float64) for left, right in pairwise(quarters[1])]
            for top, bottom in pairwise(quarters[0])
        ]
    )
    total = sums.sum()
    return float(sums[1:3, 1:3].sum() / total) if total > 1e-6 else 0.25
