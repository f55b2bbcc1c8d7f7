"""Labelled photos in memory, and their augmentation in training."""

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
        Indices into `labels`.
    labels : tuple of str
        The moods, in alphabetical order.
    """

    paths: NDArray[np.object_]
    pixels: NDArray[np.uint8]
    moods: NDArray[np.intp]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)


def read(folder: Path, part: str) -> Photos:
    """Read the photos of one part of `SPLIT` from a folder with a subfolder for each mood."""
    labels = tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))
    paths = [path for label in labels for path in sorted((folder / label).iterdir())]
    with ThreadPoolExecutor() as pool:
        twentieths = list(pool.map(twentieth, paths))
        chosen = np.array(
            [path for path, number in zip(paths, twentieths, strict=True) if number in SPLIT[part]], dtype=object
        )
        pixels = np.stack(list(pool.map(_pixels, chosen)))
    moods = np.array([labels.index(path.parent.name) for path in chosen], dtype=np.intp)
    return Photos(chosen, pixels, moods, labels)


def _pixels(path: Path) -> NDArray[np.uint8]:
    with PIL.Image.open(path) as image:
        rgb = image.convert("RGB")
    if rgb.size != (STORED_PX, STORED_PX):
        rgb = rgb.resize((STORED_PX, STORED_PX), PIL.Image.Resampling.BICUBIC)
    return np.asarray(rgb)


@dataclass(frozen=True)
class PhotoAugmentation:
    """Random changes of the photos in training.

    Attributes
    ----------
    min_area : float
        Minimum share of the photo that a crop keeps.
    colour_jitter : float
        Maximum relative change of brightness, contrast and saturation. Small, because colour influences the mood.
    low_resolution_share : float
        Share of the photos first reduced to 40 to 160 pixels, which keeps the accuracy on small pictures.
    """

    min_area: float = 0.5
    colour_jitter: float = 0.15
    low_resolution_share: float = 0.2

    def batch(self, pixels: NDArray[np.uint8], size_px: int, rng: np.random.Generator) -> Tensor:
        """Augment photos (n, 224, 224, 3) and resize them to (n, size_px, size_px, 3), uint8."""
        return torch.from_numpy(np.stack([self._one(photo, size_px, rng) for photo in pixels]))

    def _one(self, photo: NDArray[np.uint8], size_px: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        image = PIL.Image.fromarray(photo)
        box = self._crop(rng)
        if rng.random() < self.low_resolution_share:
            side_px = int(rng.integers(40, 161))
            image = image.resize((side_px, side_px), PIL.Image.Resampling.BILINEAR, box=box)
            box = None
        image = image.resize((size_px, size_px), PIL.Image.Resampling.BILINEAR, box=box)
        if rng.random() < 0.5:
            image = image.transpose(PIL.Image.Transpose.FLIP_LEFT_RIGHT)
        return self._jitter_colours(np.asarray(image, dtype=np.float32), rng)

    def _crop(self, rng: np.random.Generator) -> tuple[float, float, float, float]:
        area, shape = rng.uniform(self.min_area, 1), np.exp(rng.uniform(-1, 1) * np.log(4 / 3))
        width, height = (min(1.0, np.sqrt(area * factor)) * STORED_PX for factor in (shape, 1 / shape))
        left, top = rng.uniform(0, STORED_PX - width), rng.uniform(0, STORED_PX - height)
        return left, top, left + width, top + height

    def _jitter_colours(self, image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.uint8]:
        brightness, contrast, saturation = 1 + rng.uniform(-self.colour_jitter, self.colour_jitter, 3).astype(
            np.float32
        )
        grey = image.mean(axis=2, keepdims=True)
        # All three changes in one linear map: p → b · (c · (s · p + (1 − s) · grey) + (1 − c) · mean of grey).
        image = image * (brightness * contrast * saturation)
        image += grey * (brightness * contrast * (1 - saturation)) + brightness * (1 - contrast) * grey.mean()
        return np.clip(image, 0, 255).astype(np.uint8)


def batches(n_photos: int, n_batch: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Yield batches of shuffled indices; an incomplete last batch is dropped."""
    order = rng.permutation(n_photos)
    for start in range(0, n_photos - n_batch + 1, n_batch):
        yield order[start : start + n_batch]
