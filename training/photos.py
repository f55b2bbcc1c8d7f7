"""Labelled photos in memory: their split by hash, and what is changed of them in training."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from numpy.typing import NDArray
from split import SPLIT, twentieth
from torch import Tensor

STORED_PX = 224


@dataclass(frozen=True, eq=False)
class Photos:
    """Photos and their moods.

    Attributes
    ----------
    paths : ndarray of Path
        The files.
    pixels : ndarray of shape (n, 224, 224, 3), uint8
        Red, green and blue.
    moods : ndarray of shape (n,), intp
        Places in `labels`.
    labels : tuple of str
        The moods, sorted.
    """

    paths: NDArray[np.object_]
    pixels: NDArray[np.uint8]
    moods: NDArray[np.intp]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)


def read(folder: Path, part: str) -> Photos:
    """Read one part of `SPLIT` of a folder with a folder of photos for each mood."""
    labels = tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))
    paths = [path for label in labels for path in sorted((folder / label).iterdir())]
    with ThreadPoolExecutor() as pool:
        twentieths = list(pool.map(twentieth, paths))
        chosen = np.array(
            [path for path, place in zip(paths, twentieths, strict=True) if place in SPLIT[part]], dtype=object
        )
        pixels = np.stack(list(pool.map(_pixels, chosen)))
    moods = np.array([labels.index(path.parent.name) for path in chosen], dtype=np.intp)
    return Photos(chosen, pixels, moods, labels)


def _pixels(path: Path) -> NDArray[np.uint8]:
    with PIL.Image.open(path) as image:
        upright = image.convert("RGB")
    if upright.size != (STORED_PX, STORED_PX):
        upright = upright.resize((STORED_PX, STORED_PX), PIL.Image.Resampling.BICUBIC)
    return np.asarray(upright)


@dataclass(frozen=True)
class Changes:
    """How photos are changed in training.

    Attributes
    ----------
    least_area : float
        Crops keep at least this share of the photo.
    light : float
        Brightness, contrast and saturation change by up to this share. Little: colour carries the mood.
    shrunk : float
        Share of the photos brought to 40 to 160 pixels first, so that small pictures keep working.
    """

    least_area: float = 0.5
    light: float = 0.15
    shrunk: float = 0.2

    def batch(self, pixels: NDArray[np.uint8], size_px: int, dice: np.random.Generator) -> Tensor:
        """Change photos (n, 224, 224, 3), and bring them to uint8 of shape (n, size_px, size_px, 3)."""
        return torch.from_numpy(np.stack([self._one(photo, size_px, dice) for photo in pixels]))

    def _one(self, photo: NDArray[np.uint8], size_px: int, dice: np.random.Generator) -> NDArray[np.uint8]:
        image = PIL.Image.fromarray(photo)
        box = self._crop(dice)
        if dice.random() < self.shrunk:
            small = int(dice.integers(40, 161))
            image = image.resize((small, small), PIL.Image.Resampling.BILINEAR, box=box)
            box = None
        image = image.resize((size_px, size_px), PIL.Image.Resampling.BILINEAR, box=box)
        if dice.random() < 0.5:
            image = image.transpose(PIL.Image.Transpose.FLIP_LEFT_RIGHT)
        return self._relight(np.asarray(image, dtype=np.float32), dice)

    def _crop(self, dice: np.random.Generator) -> tuple[float, float, float, float]:
        area, shape = dice.uniform(self.least_area, 1), np.exp(dice.uniform(-1, 1) * np.log(4 / 3))
        width, height = (min(1.0, np.sqrt(area * factor)) * STORED_PX for factor in (shape, 1 / shape))
        left, top = dice.uniform(0, STORED_PX - width), dice.uniform(0, STORED_PX - height)
        return left, top, left + width, top + height

    def _relight(self, image: NDArray[np.float32], dice: np.random.Generator) -> NDArray[np.uint8]:
        brightness, contrast, saturation = 1 + dice.uniform(-self.light, self.light, 3).astype(np.float32)
        grey = image.mean(axis=2, keepdims=True)
        # One matrix for all three: p → b · (c · (s · p + (1 − s) · grey) + (1 − c) · mean of grey).
        image = image * (brightness * contrast * saturation)
        image += grey * (brightness * contrast * (1 - saturation)) + brightness * (1 - contrast) * grey.mean()
        return np.clip(image, 0, 255).astype(np.uint8)


def batches(n_photos: int, n_batch: int, dice: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Shuffle the places of all photos into whole batches; what is left over waits for the next epoch."""
    order = dice.permutation(n_photos)
    for start in range(0, n_photos - n_batch + 1, n_batch):
        yield order[start : start + n_batch]
