"""The arrays from which visual features are computed: an image in several colour spaces, and its regions."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from imagemood.visual.segmentation import segment

SIZE_PX = 224
"""Side of the square to which images are resized first: texture depends on scale, so all images share one size."""

HSV_CHANNELS = ("hue", "saturation", "value")
"""Names of the channels of `ImageArrays.hsv`."""

_LUMINANCE_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
_WHOLE_IMAGE = (slice(None), slice(None))


class ImageArrays:
    r"""An image, resized to a square, and the arrays derived from it; each array is computed once, on first use.

    Saturation, hue and brightness are those of the improved HLS space [1]_, in which dark and bright pixels do
    not appear saturated. With red, green and blue :math:`R, G, B` in [0, 1], the saturation is
    :math:`\max(R, G, B) - \min(R, G, B)`, the brightness is :math:`0.2126 R + 0.7152 G + 0.0722 B`, and the hue is
    the angle of the vector :math:`(R - (G + B) / 2, \sqrt{3} / 2 \cdot (G - B))`.

    Parameters
    ----------
    image : ndarray of shape (height, width, 3), uint8
        Red, green and blue values of an sRGB image.

    Attributes
    ----------
    rgb : ndarray of shape (SIZE_PX, SIZE_PX, 3), uint8
        The resized image.

    References
    ----------
    .. [1] Hanbury, A. (2003). A 3D-polar coordinate colour representation well adapted to image analysis.
       Scandinavian Conference on Image Analysis.

    Examples
    --------
    >>> red = ImageArrays(np.full((224, 224, 3), (255, 0, 0), dtype=np.uint8))
    >>> float(red.saturation.mean()), float(red.hue_cos.mean()), round(float(red.brightness.mean()), 4)
    (1.0, 1.0, 0.2126)
    """

    def __init__(self, image: NDArray[np.uint8]) -> None:
        if image.shape[:2] != (SIZE_PX, SIZE_PX):
            shrinks = min(image.shape[:2]) > SIZE_PX
            interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
            image = cv2.resize(image, (SIZE_PX, SIZE_PX), interpolation=interpolation).astype(np.uint8)
        self.rgb = np.ascontiguousarray(image)

    @cached_property
    def brightness(self) -> NDArray[np.float32]:
        """Luminance in [0, 1], of shape (SIZE_PX, SIZE_PX)."""
        luminance: NDArray[np.float32] = self._rgb_float @ _LUMINANCE_WEIGHTS
        return luminance

    @cached_property
    def saturation(self) -> NDArray[np.float32]:
        """Saturation in [0, 1], of shape (SIZE_PX, SIZE_PX); 0 for grey pixels."""
        red, green, blue = np.moveaxis(self._rgb_float, 2, 0)
        largest = np.maximum(np.maximum(red, green), blue)
        saturation: NDArray[np.float32] = largest - np.minimum(np.minimum(red, green), blue)
        return saturation

    @property
    def hue_cos(self) -> NDArray[np.float32]:
        """Cosine of the hue, of shape (SIZE_PX, SIZE_PX): 1 for red, -1 for cyan; 0 for grey, which has no hue."""
        return self._hue_vectors[0]

    @property
    def hue_sin(self) -> NDArray[np.float32]:
        """Sine of the hue, of shape (SIZE_PX, SIZE_PX): positive for yellow and green, negative for blue."""
        return self._hue_vectors[1]

    @cached_property
    def hsv(self) -> NDArray[np.uint8]:
        """Hue, saturation and value, each from 0 to 255, of shape (SIZE_PX, SIZE_PX, 3)."""
        return cv2.cvtColor(self.rgb, cv2.COLOR_RGB2HSV_FULL).astype(np.uint8)

    @cached_property
    def grey(self) -> NDArray[np.uint8]:
        """Grey level from 0 to 255, of shape (SIZE_PX, SIZE_PX)."""
        return cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY).astype(np.uint8)

    @cached_property
    def regions(self) -> NDArray[np.int32]:
        """Number of the region to which each pixel belongs, from 0, of shape (SIZE_PX, SIZE_PX)."""
        return segment(self.rgb)

    def mean_hue(
        self, weights: NDArray[np.float32], window: tuple[slice, slice] = _WHOLE_IMAGE
    ) -> tuple[float, float]:
        """Return the weighted means of the cosine and of the sine of the hue.

        Parameters
        ----------
        weights : ndarray of the shape of the window, float32
            Weights of the pixels; not negative.
        window : tuple of slice
            Rows and columns to average over. Defaults to the whole image.

        Returns
        -------
        tuple of float
            Mean cosine and mean sine, both in [-1, 1]; 0 if all weights are 0.
        """
        total = max(float(weights.sum()), 1e-12)
        cosine, sine = (float((plane[window] * weights).sum()) / total for plane in self._hue_vectors)
        return cosine, sine

    @cached_property
    def _rgb_float(self) -> NDArray[np.float32]:
        return self.rgb.astype(np.float32) / np.float32(255)

    @cached_property
    def _hue_vectors(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Cosine and sine of the hue of each pixel; both 0 for grey pixels."""
        red, green, blue = np.moveaxis(self._rgb_float, 2, 0)
        x, y = red - (green + blue) / 2, np.float32(np.sqrt(3) / 2) * (green - blue)
        length = np.sqrt(x**2 + y**2)
        length[length < 1e-6] = np.inf
        return x / length, y / length
