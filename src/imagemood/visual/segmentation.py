"""Segmentation of an image into regions of similar colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_MAX_FLAT_GRADIENT = 12.0
"""Pixels with a smaller gradient (3x3 Sobel sums in 8-bit CIELAB) are flat and become the seeds of regions."""
_NEIGHBOURHOOD = np.ones((3, 3), dtype=np.uint8)


def segment(rgb: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Divide an image into regions, by a watershed that floods the colour gradient from its flat parts.

    Machajdik and Hanbury [1]_ used the waterfall segmentation, which is a hierarchy of watersheds.

    Parameters
    ----------
    rgb : ndarray of shape (height, width, 3), uint8
        Red, green and blue values.

    Returns
    -------
    ndarray of shape (height, width), int32
        Number of the region to which each pixel belongs. The regions are numbered from 0 without gaps; an image
        without flat parts is a single region.

    References
    ----------
    .. [1] Machajdik, J., Hanbury, A. (2010). Affective image classification using features inspired by psychology
       and art theory. ACM Multimedia, 83-92.

    Examples
    --------
    >>> image = np.zeros((100, 100, 3), dtype=np.uint8)
    >>> image[:, 50:] = 255
    >>> regions = segment(image)
    >>> int(regions.max()) + 1, bool(regions[50, 10] == regions[50, 90])
    (2, False)
    """
    smooth = cv2.GaussianBlur(rgb, (0, 0), 1.5)
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)
    gradient = cv2.magnitude(*(_slope(lab, dx, 1 - dx) for dx in (1, 0)))
    _, seeds = cv2.connectedComponents((gradient < _MAX_FLAT_GRADIENT).astype(np.uint8))
    flooded = cv2.watershed(lab, seeds.astype(np.int32))
    return _assign_boundaries(flooded.astype(np.int32))


def _slope(lab: cv2.typing.MatLike, dx: int, dy: int) -> NDArray[np.float32]:
    """Return the Euclidean norm, over the three channels, of the slope in one direction."""
    slopes = cv2.Sobel(lab, cv2.CV_32F, dx, dy)
    norm: NDArray[np.float32] = np.sqrt((slopes**2).sum(axis=2))
    return norm


def _assign_boundaries(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Assign the boundary pixels of a watershed to a neighbouring region, and number the regions from 0."""
    grown = labels.astype(np.float32)  # dilation does not support 32-bit integers
    for _ in range(2):  # the second pass fills the corners, where boundaries meet the frame of the image
        np.copyto(grown, cv2.dilate(grown, _NEIGHBOURHOOD), where=grown < 1)
    numbers = np.maximum(grown, 0).astype(np.int32)
    present = np.bincount(numbers.ravel()) > 0
    return (np.cumsum(present, dtype=np.int32) - 1)[numbers]
