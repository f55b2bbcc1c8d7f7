"""Tamura's texture features: coarseness, contrast and directionality."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from imagemood.visual.feature import Feature, FeatureGroup
from imagemood.visual.image_arrays import ImageArrays

_MAX_K = 5  # windows of 2 to 32 pixels
_N_DIRECTIONS = 16
_MIN_EDGE_STRENGTH = 12.0  # of 255; the direction of weaker edges is mostly noise
_ROUNDING_ERROR = 1e-3  # of 255; smaller differences between windows are treated as ties
_MIN_PEAK_RATIO = 2  # smallest height of a peak, relative to the uniform histogram


def tamura_textures(arrays: ImageArrays) -> dict[str, float]:
    r"""Measure coarseness, contrast and directionality as defined by Tamura et al. [1]_.

    Coarseness is the mean over all pixels of the window size :math:`2^k`, :math:`k = 1 \dots 5`, for which the
    means of adjacent windows differ most. Contrast is :math:`\sigma / \alpha_4^{1/4}`, where :math:`\sigma` is
    the standard deviation and :math:`\alpha_4` the kurtosis of the grey levels. Directionality is
    :math:`1 - r n_p \sum_p \sum_{\phi \in w_p} (\phi - \phi_p)^2 H(\phi)`, where :math:`H` is the histogram of
    edge directions in 16 bins, :math:`\phi_p` are its :math:`n_p` peaks, :math:`w_p` are the bins nearest to peak
    :math:`p`, and :math:`r = 12 / \pi^2` normalizes the value to 0 for a single peak and a uniform histogram.

    Returns
    -------
    dict of str to float
        ``tamura_coarseness`` in [2, 32] pixels, ``tamura_contrast`` in [0, 127.5] grey levels, and
        ``tamura_directionality``, at most 1: 1 if all edges have one of few exact directions, near 0
        if they have all directions; 0 without edges.

    References
    ----------
    .. [1] Tamura, H., Mori, S., Yamawaki, T. (1978). Textural features corresponding to visual perception. IEEE
       Transactions on Systems, Man and Cybernetics 8(6), 460-473.

    Examples
    --------
    >>> image = np.zeros((224, 224, 3), dtype=np.uint8)
    >>> image[:, 112:] = 255
    >>> textures = tamura_textures(ImageArrays(image))
    >>> round(textures["tamura_contrast"], 2), textures["tamura_directionality"]
    (127.5, 1.0)
    """
    grey = arrays.grey.astype(np.float32)
    return {
        "tamura_coarseness": _coarseness(grey),
        "tamura_contrast": _contrast(grey),
        "tamura_directionality": _directionality(grey),
    }


def _coarseness(grey: NDArray[np.float32]) -> float:
    largest = np.full_like(grey, -1)
    best = np.zeros(grey.shape, dtype=np.float32)
    for k in range(1, _MAX_K + 1):
        window, half = 2**k, 2 ** (k - 1)
        means = cv2.blur(grey, (window, window), borderType=cv2.BORDER_REFLECT)
        padded = cv2.copyMakeBorder(means, half, half, half, half, cv2.BORDER_REPLICATE)
        horizontal = cv2.absdiff(padded[half:-half, window:], padded[half:-half, :-window])
        vertical = cv2.absdiff(padded[window:, half:-half], padded[:-window, half:-half])
        difference = cv2.max(horizontal, vertical)
        larger = difference > largest + _ROUNDING_ERROR  # the smallest window wins a tie
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
    dx, dy = (cv2.Scharr(grey, cv2.CV_32F, order, 1 - order) / np.float32(16) for order in (1, 0))
    strong = (np.abs(dx) + np.abs(dy)) / 2 >= _MIN_EDGE_STRENGTH
    if not strong.any():
        return 0.0
    angles = cv2.phase(dx[strong], dy[strong])
    # Bin 0 is centred on angle 0, so that the vertical and horizontal edges of buildings do not straddle two bins.
    bins = np.rint(angles.ravel() * (_N_DIRECTIONS / np.pi)).astype(int) % _N_DIRECTIONS
    histogram = np.bincount(bins, minlength=_N_DIRECTIONS) / strong.sum()
    peaks = _peaks(histogram)
    steps = np.abs(np.arange(_N_DIRECTIONS)[:, np.newaxis] - peaks)
    nearest = np.minimum(steps, _N_DIRECTIONS - steps).min(axis=1) * (np.pi / _N_DIRECTIONS)
    return float(1 - (12 / np.pi**2) * len(peaks) * (nearest**2 @ histogram))


def _peaks(histogram: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the local maxima of a circular histogram that are high enough, or else the largest bin."""
    neighbours = np.max([np.roll(histogram, step) for step in (-2, -1, 1, 2)], axis=0)
    peaks = np.flatnonzero((histogram >= neighbours) & (histogram >= _MIN_PEAK_RATIO / _N_DIRECTIONS))
    return peaks if len(peaks) else np.array([histogram.argmax()])


_TAMURA = "Tamura et al. (1978)"

GROUPS = (
    FeatureGroup(
        "Tamura textures",
        "Texture",
        tamura_textures,
        (
            Feature(
                "tamura_coarseness",
                "mean of the window size 2ᵏ, k = 1 … 5, for which the means of adjacent windows differ most",
                2,
                32,
                unit="pixels",
                source=_TAMURA,
            ),
            Feature(
                "tamura_contrast",
                "σ / α₄^¼: standard deviation and kurtosis of the grey levels",
                0,
                127.5,
                unit="grey levels",
                source=_TAMURA,
            ),
            Feature(
                "tamura_directionality",
                "1 − r nₚ Σₚ Σφ (φ − φₚ)² H(φ): histogram H of edge directions, its nₚ peaks φₚ, r = 12/π²",
                -math.inf,
                1,
                source=_TAMURA,
            ),
        ),
    ),
)
