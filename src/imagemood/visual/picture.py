"""One picture in the colour spaces that the features need, each computed once."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE_PX = 224
"""Side of the square on which features are measured: scale is part of texture, so all pictures share one."""

HSV_CHANNELS = ("hue", "saturation", "value")
"""Names of the channels of `Picture.hsv`."""
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


class Picture:
    """One picture, squared, with what is derived from it.

    Saturation, hue and brightness are those of the improved HLS space [1]_, in which dark and light pixels are
    not taken for saturated ones: saturation is the largest of red, green and blue less the smallest, brightness
    the luminance.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3), uint8
        Red, green and blue.

    Attributes
    ----------
    rgb : ndarray of shape (SIZE_PX, SIZE_PX, 3), uint8
        The picture on the square.

    References
    ----------
    .. [1] Hanbury, A. (2003). A 3D-polar coordinate colour representation well adapted to image analysis.
       Scandinavian Conference on Image Analysis.

    Examples
    --------
    >>> red = Picture(np.full((224, 224, 3), (255, 0, 0), dtype=np.uint8))
    >>> float(red.saturation.mean()), float(red.hue_cos.mean()), round(float(red.brightness.mean()), 4)
    (1.0, 1.0, 0.2126)
    """

    def __init__(self, image: NDArray[np.uint8]) -> None:
        if image.shape[:2] != (SIZE_PX, SIZE_PX):
            shrinks = min(image.shape[:2]) > SIZE_PX
            kind = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
            image = cv2.resize(image, (SIZE_PX, SIZE_PX), interpolation=kind).astype(np.uint8)
        self.rgb = np.ascontiguousarray(image)

    @cached_property
    def _float(self) -> NDArray[np.float32]:
        return self.rgb.astype(np.float32) / np.float32(255)

    @cached_property
    def brightness(self) -> NDArray[np.float32]:
        """Luminance in [0, 1]."""
        luminance: NDArray[np.float32] = self._float @ _LUMINANCE
        return luminance

    @cached_property
    def saturation(self) -> NDArray[np.float32]:
        """Saturation in [0, 1]: 0 for greys."""
        red, green, blue = np.moveaxis(self._float, 2, 0)
        largest = np.maximum(np.maximum(red, green), blue)
        saturation: NDArray[np.float32] = largest - np.minimum(np.minimum(red, green), blue)
        return saturation

    @cached_property
    def _chroma(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Unit vector of the hue of each pixel; null for greys."""
        red, green, blue = np.moveaxis(self._float, 2, 0)
        along, across = red - (green + blue) / 2, np.float32(np.sqrt(3) / 2) * (green - blue)
        length = np.sqrt(along**2 + across**2)
        length[length < 1e-6] = np.inf
        return along / length, across / length

    @property
    def hue_cos(self) -> NDArray[np.float32]:
        """Cosine of the hue: 1 for red, -1 for cyan, 0 for greys, which have none."""
        return self._chroma[0]

    @property
    def hue_sin(self) -> NDArray[np.float32]:
        """Sine of the hue: positive from yellow to green, negative from blue to magenta."""
        return self._chroma[1]

    def mean_hue(
        self, weights: NDArray[np.float32], part: tuple[slice, slice] = (slice(None), slice(None))
    ) -> tuple[float, float]:
        """Average cosine and sine of the hue.

        Parameters
        ----------
        weights : ndarray of the shape of the part, float32
            Weights of the pixels.
        part : tuple of slice
            Rows and columns to look at; all by default.

        Returns
        -------
        tuple of float, in [-1, 1]
            Mean cosine and mean sine; 0 where no pixel has a weight.
        """
        total = max(float(weights.sum()), 1e-12)
        cosine, sine = (float((plane[part] * weights).sum()) / total for plane in self._chroma)
        return cosine, sine

    @cached_property
    def hsv(self) -> NDArray[np.uint8]:
        """Hue, saturation and value of the HSV cone, each from 0 to 255."""
        return cv2.cvtColor(self.rgb, cv2.COLOR_RGB2HSV_FULL).astype(np.uint8)

    @cached_property
    def grey(self) -> NDArray[np.uint8]:
        """Grey from 0 to 255."""
        return cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY).astype(np.uint8)

    @cached_property
    def segments(self) -> NDArray[np.int32]:
        """Number of the region of each pixel, from 0.

        Regions are the catchment basins of the colour gradient, flooded from its flat parts: a watershed, as the
        waterfall segmentation of the 2010 paper is.
        """
        smooth = cv2.GaussianBlur(self.rgb, (0, 0), 1.5)
        lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)
        gradient = cv2.magnitude(*(self._slope(lab, dx, 1 - dx) for dx in (1, 0)))
        n_markers, markers = cv2.connectedComponents((gradient < _FLAT).astype(np.uint8))
        if n_markers < 2:
            return np.zeros(markers.shape, dtype=np.int32)
        flooded = cv2.watershed(lab, markers.astype(np.int32))
        return _without_ridges(flooded.astype(np.int32))

    @staticmethod
    def _slope(lab: cv2.typing.MatLike, dx: int, dy: int) -> NDArray[np.float32]:
        """Root of the summed squares of the three channels' slopes."""
        slopes = cv2.Sobel(lab, cv2.CV_32F, dx, dy)
        length: NDArray[np.float32] = np.sqrt((slopes**2).sum(axis=2))
        return length


_FLAT = 12.0
"""Gradient of 8-bit L*a*b* (Sobel's sum) below which a pixel belongs to a flat part."""
_NEIGHBOURS = np.ones((3, 3), dtype=np.uint8)


def _without_ridges(regions: NDArray[np.int32]) -> NDArray[np.int32]:
    """Give the lines between regions to one of their neighbours, and number the regions from 0."""
    labels = regions.astype(np.float32)
    for _ in range(2):  # once for the lines, once more for where they meet the corners
        np.copyto(labels, cv2.dilate(labels, _NEIGHBOURS), where=labels < 1)
    numbers = np.maximum(labels, 0).astype(np.int32)
    present = np.bincount(numbers.ravel()) > 0
    return (np.cumsum(present, dtype=np.int32) - 1)[numbers]
