"""Pictures whose features are known by how they are made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imagemood.visual import SIZE_PX


def plain(red: int, green: int, blue: int) -> NDArray[np.uint8]:
    return np.full((SIZE_PX, SIZE_PX, 3), (red, green, blue), dtype=np.uint8)


def halves(left: tuple[int, int, int], right: tuple[int, int, int], at: int = SIZE_PX // 2) -> NDArray[np.uint8]:
    image = plain(*left)
    image[:, at:] = right
    return image


def grey_picture(values: NDArray) -> NDArray[np.uint8]:
    """Grey values from 0 to 255 as a picture."""
    return np.repeat(np.clip(np.rint(values), 0, 255).astype(np.uint8)[..., np.newaxis], 3, axis=2)


def stripes(period_px: float, angle_deg: float = 0.0) -> NDArray[np.uint8]:
    """A wave of grey that runs at an angle: vertical stripes at 0°."""
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX]
    angle = np.deg2rad(angle_deg)
    along = x * np.cos(angle) + y * np.sin(angle)
    return grey_picture(127.5 + 127.5 * np.sin(2 * np.pi * along / period_px))


def noise() -> NDArray[np.uint8]:
    return grey_picture(np.random.default_rng(0).integers(0, 256, (SIZE_PX, SIZE_PX)))
