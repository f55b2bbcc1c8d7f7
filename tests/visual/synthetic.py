"""Synthetic images whose features are known from how they are generated, and photos for comparisons."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.visual import SIZE_PX


def uniform(red: int, green: int, blue: int) -> NDArray[np.uint8]:
    return np.full((SIZE_PX, SIZE_PX, 3), (red, green, blue), dtype=np.uint8)


def halves(left: tuple[int, int, int], right: tuple[int, int, int], at: int = SIZE_PX // 2) -> NDArray[np.uint8]:
    image = uniform(*left)
    image[:, at:] = right
    return image


def grey_image(levels: NDArray) -> NDArray[np.uint8]:
    """Return an RGB image with grey levels from 0 to 255; other values are rounded and clipped."""
    return np.repeat(np.clip(np.rint(levels), 0, 255).astype(np.uint8)[..., np.newaxis], 3, axis=2)


def checkerboard(side_px: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX] // side_px
    return grey_image(255 * ((x + y) % 2))


def stripes(period_px: float, angle_deg: float = 0.0) -> NDArray[np.uint8]:
    """Return a sine wave of grey levels that runs in the given direction: vertical stripes at 0°."""
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX]
    angle = np.deg2rad(angle_deg)
    distance = x * np.cos(angle) + y * np.sin(angle)
    return grey_image(127.5 + 127.5 * np.sin(2 * np.pi * distance / period_px))


def grey_noise() -> NDArray[np.uint8]:
    return grey_image(np.random.default_rng(0).integers(0, 256, (SIZE_PX, SIZE_PX)))


def colour_noise(seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (SIZE_PX, SIZE_PX, 3), dtype=np.uint8)


def smooth_colours(seed: int = 0, n_patches: int = 7) -> NDArray[np.uint8]:
    """Return an image of random colours that blend into each other, as a blurred photo."""
    patches = np.random.default_rng(seed).integers(0, 256, (n_patches, n_patches, 3), dtype=np.uint8)
    return np.asarray(PIL.Image.fromarray(patches).resize((SIZE_PX, SIZE_PX), PIL.Image.Resampling.BICUBIC))


def read_photo(path: Path) -> NDArray[np.uint8]:
    with PIL.Image.open(path) as photo:
        return np.asarray(photo.convert("RGB"))
