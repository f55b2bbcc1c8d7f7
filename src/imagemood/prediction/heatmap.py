"""Heat maps: which regions of a picture evoke a mood, computed from the network's output and drawn as images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import InputError

if TYPE_CHECKING:
    from imagemood.prediction.result import Result

_COLOURS = np.array([[255, 255, 178], [254, 178, 76], [240, 59, 32], [128, 0, 38]], dtype=np.float32)
"""Brewer's palette YlOrRd, from weak to strong; it gets darker, so it can be read without colour vision."""
_MAX_OPACITY = 0.75


def compute(result: Result, mood: str) -> NDArray[np.float32] | None:
    """Return the log-odds of a mood at each position of the picture, or None if the network has no map of it.

    Examples
    --------
    >>> from imagemood import Result
    >>> compute(Result("photo.jpg"), "awe") is None
    True
    """
    if result.mood_maps is None or mood not in result.map_labels:
        return None
    return log_odds(result.mood_maps, list(result.map_labels).index(mood))


def log_odds(logits: NDArray[np.float32], index: int) -> NDArray[np.float32]:
    """Return the log-odds of one mood against all others from logits of shape (n_moods, height, width).

    They are positive where the mood is more probable than all other moods together.

    Examples
    --------
    >>> log_odds(np.zeros((2, 1, 1), dtype=np.float32), 0).tolist()
    [[0.0]]
    """
    others = np.delete(logits, index, axis=0)
    highest = others.max(axis=0)
    odds: NDArray[np.float32] = logits[index] - highest - np.log(np.exp(others - highest).sum(axis=0))
    return odds


def probability(value: float) -> float:
    """Return the probability of a mood whose log-odds against all others are `value`.

    Examples
    --------
    >>> probability(0.0)
    0.5
    """
    return float(1 / (1 + np.exp(-np.clip(value, -500, 500))))


def probability_range(heat_map: NDArray[np.float32]) -> tuple[float, float]:
    """Return the probabilities of the mood where a heat map is lowest and where it is highest."""
    return probability(float(heat_map.min())), probability(float(heat_map.max()))


def overlay(pixels: NDArray[np.uint8], heat_map: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Blend a heat map of any size into an image (height, width, 3): dark red where the heat map is highest.

    Examples
    --------
    >>> overlay(np.zeros((4, 6, 3), dtype=np.uint8), np.array([[0, 1]], dtype=np.float32)).shape
    (4, 6, 3)
    """
    height, width = pixels.shape[:2]
    colours, opacity = _colours_and_opacity(heat_map, (width, height))
    blended: NDArray[np.uint8] = np.rint(pixels * (1 - opacity) + colours * opacity).astype(np.uint8)
    return blended


def render(heat_map: NDArray[np.float32], size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """Render a heat map as an RGBA image (height, width, 4) that looks like `overlay` when drawn over the picture.

    `size_px` is the width and height of the image. The image is transparent where the heat map is lowest.

    Examples
    --------
    >>> render(np.array([[0, 1]], dtype=np.float32), (2, 1))[0, :, 3].tolist()
    [0, 191]
    """
    colours, opacity = _colours_and_opacity(heat_map, size_px)
    image: NDArray[np.uint8] = np.rint(np.concatenate([colours, 255 * opacity], axis=2)).astype(np.uint8)
    return image


def _colours_and_opacity(
    heat_map: NDArray[np.float32], size_px: tuple[int, int]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return colours (height, width, 3) in [0, 255] and opacity (height, width, 1) in [0, 1]."""
    if not np.isfinite(heat_map).all():
        raise InputError("the heat map contains NaN or infinity")
    resized = PIL.Image.fromarray(heat_map.astype(np.float32)).resize(size_px, PIL.Image.Resampling.BICUBIC)
    values = np.asarray(resized)
    low, high = float(heat_map.min()), float(heat_map.max())
    strength = np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros_like(values)
    positions = np.linspace(0, 1, len(_COLOURS))
    colours = np.stack([np.interp(strength, positions, _COLOURS[:, channel]) for channel in range(3)], axis=2)
    return colours, (_MAX_OPACITY * strength)[:, :, np.newaxis]
