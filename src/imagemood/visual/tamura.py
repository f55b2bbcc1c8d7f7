"""Tamura's textures: coarseness, contrast, directionality."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from imagemood.visual.picture import Picture

_LARGEST_K = 5  # windows of 2 to 32 pixels
_N_DIRECTIONS = 16
_CLEAR_EDGE = 12.0  # of 255; weaker slopes have no direction to speak of
_ROUNDING = 1e-3  # of 255; windows whose differences are nearer than that differ alike
_PEAK = 2  # times what each bin would have if all were alike: what a peak has at least


def textures(picture: Picture) -> dict[str, float]:
    r"""Measure coarseness, contrast and directionality [1]_.

    Coarseness is the mean over pixels of the window :math:`2^k`, :math:`k = 1 \dots 5`, at which the means of
    neighbouring windows differ most. Contrast is :math:`\sigma / \alpha_4^{1/4}`, with the standard deviation
    :math:`\sigma` and the kurtosis :math:`\alpha_4` of grey. Directionality is
    :math:`1 - r n_p \sum_p \sum_{\phi \in w_p} (\phi - \phi_p)^2 H(\phi)`, with the histogram :math:`H` of edge
    directions in 16 bins, its :math:`n_p` peaks :math:`\phi_p`, and :math:`r = 12 / \pi^2`, which makes it 0
    for one peak that is as wide as can be.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    dict of str to float
        Coarseness in pixels from 2 to 32, contrast in units of grey from 0 to 127.5, directionality up to 1, which
        means that all edges run along few sharp directions; 0 without edges.

    References
    ----------
    .. [1] Tamura, H., Mori, S., Yamawaki, T. (1978). Textural features corresponding to visual perception. IEEE
       Transactions on Systems, Man and Cybernetics 8(6), 460-473.
    """
    grey = picture.grey.astype(np.float32)
    return {
        "tamura_coarseness": _coarseness(grey),
        "tamura_contrast": _contrast(grey),
        "tamura_directionality": _directionality(grey),
    }


def _coarseness(grey: NDArray[np.float32]) -> float:
    largest = np.full_like(grey, -1)
    best = np.zeros(grey.shape, dtype=np.float32)
    for k in range(1, _LARGEST_K + 1):
        window, half = 2**k, 2 ** (k - 1)
        means = cv2.blur(grey, (window, window), borderType=cv2.BORDER_REFLECT)
        framed = cv2.copyMakeBorder(means, half, half, half, half, cv2.BORDER_REPLICATE)
        across = cv2.absdiff(framed[half:-half, window:], framed[half:-half, :-window])
        along = cv2.absdiff(framed[window:, half:-half], framed[:-window, half:-half])
        difference = cv2.max(across, along)
        larger = difference > largest + _ROUNDING  # of equal differences the finest window counts
        np.copyto(largest, difference, where=larger)
        best[larger] = window
    return float(best.mean())


def _contrast(grey: NDArray[np.float32]) -> float:
    squares = np.square(grey - grey.mean(dtype=np.float64))
    variance = float(squares.mean())
    if variance < 1e-6:
        return 0.0
    kurtosis = float(np.square(squares).mean()) / variance**2
    return float(np.sqrt(variance) / kurtosis**0.25)


def _directionality(grey: NDArray[np.float32]) -> float:
    across, along = (cv2.Scharr(grey, cv2.CV_32F, dx, 1 - dx) / np.float32(16) for dx in (1, 0))
    strength = (np.abs(across) + np.abs(along)) / 2
    clear = strength >= _CLEAR_EDGE
    if not clear.any():
        return 0.0
    direction = cv2.phase(across[clear], along[clear])
    # The middle of the first bin is the direction 0, on which edges of things that people make lie.
    bins = np.rint(direction.ravel() * (_N_DIRECTIONS / np.pi)).astype(int) % _N_DIRECTIONS
    histogram = np.bincount(bins, minlength=_N_DIRECTIONS) / clear.sum()
    peaks = _peaks(histogram)
    steps = np.abs(np.arange(_N_DIRECTIONS)[:, np.newaxis] - peaks)
    nearest = np.minimum(steps, _N_DIRECTIONS - steps).min(axis=1) * (np.pi / _N_DIRECTIONS)
    return float(1 - (12 / np.pi**2) * len(peaks) * (nearest**2 @ histogram))


def _peaks(histogram: NDArray[np.float64]) -> NDArray[np.intp]:
    """Find the bins that stand out among the two on either side, where the histogram's ends meet."""
    around = np.max([np.roll(histogram, step) for step in (-2, -1, 1, 2)], axis=0)
    peaks = np.flatnonzero((histogram >= around) & (histogram >= _PEAK / _N_DIRECTIONS))
    return peaks if len(peaks) else np.array([histogram.argmax()])
