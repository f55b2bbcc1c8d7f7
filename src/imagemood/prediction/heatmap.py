"""Maps of moods, drawn over pictures."""

from __future__ import annotations

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import InputError

_STOPS = np.array([[255, 255, 178], [254, 178, 76], [240, 59, 32], [128, 0, 38]], dtype=np.float32)
"""From weak to strong, ever darker, so that it reads without colour too (Brewer's YlOrRd)."""
_OPACITY = 0.75


def overlay(pixels: NDArray[np.uint8], region: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Lay a map over a picture: the darker the red, the more a place speaks for the mood.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8
        The picture.
    region : ndarray of shape (rows, columns), float32
        The map, of the whole picture, from top left.

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
        The picture, veiled where the map is strong and bare where it is weakest.

    Raises
    ------
    InputError
        If the map holds what is no number.

    Examples
    --------
    >>> overlay(np.zeros((4, 6, 3), dtype=np.uint8), np.array([[0, 1]], dtype=np.float32)).shape
    (4, 6, 3)
    """
    height, width = pixels.shape[:2]
    colours, opacity = _veil(region, (width, height))
    veiled: NDArray[np.uint8] = np.rint(pixels * (1 - opacity) + colours * opacity).astype(np.uint8)
    return veiled


def veil(region: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Draw a map as a transparent picture, which lies over a picture as `overlay` would draw it.

    Parameters
    ----------
    region : ndarray of shape (rows, columns), float32
        The map, of the whole picture, from top left.
    size : tuple of int
        Width and height in pixels.

    Returns
    -------
    ndarray of shape (height, width, 4), uint8
        Red, green, blue and opacity, which is 0 where the map is weakest.

    Raises
    ------
    InputError
        If the map holds what is no number.

    Examples
    --------
    >>> veil(np.array([[0, 1]], dtype=np.float32), (2, 1))[0, :, 3].tolist()
    [0, 191]
    """
    colours, opacity = _veil(region, size)
    drawn: NDArray[np.uint8] = np.rint(np.concatenate([colours, 255 * opacity], axis=2)).astype(np.uint8)
    return drawn


def _veil(region: NDArray[np.float32], size: tuple[int, int]) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Give colours (height, width, 3) from 0 to 255, and opacity (height, width, 1) from 0 to 1."""
    if not np.isfinite(region).all():
        raise InputError("the map holds what is no number")
    smooth = PIL.Image.fromarray(region.astype(np.float32)).resize(size, PIL.Image.Resampling.BICUBIC)
    values = np.asarray(smooth)
    low, high = float(region.min()), float(region.max())
    strength = np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros_like(values)
    stops = np.linspace(0, 1, len(_STOPS))
    colours = np.stack([np.interp(strength, stops, _STOPS[:, channel]) for channel in range(3)], axis=2)
    return colours, (_OPACITY * strength)[:, :, np.newaxis]
