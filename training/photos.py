"""Labelled photos, and their augmentation in training."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import torch
from numpy.typing import NDArray
from split import twentieth
from torch import Tensor

STORED_PX = 224


@dataclass(frozen=True, eq=False)
class Photos:
    """Photos and their moods; pixels are decoded when they are needed.

    Attributes
    ----------
    paths : ndarray of Path
        The files.
    moods : ndarray of shape (n,), intp
        Indices into `labels`.
    twentieths : ndarray of shape (n,), intp
        Part of the photos that each one belongs to, see `split`.
    labels : tuple of str
        The moods, in alphabetical order.
    """

    paths: NDArray[np.object_]
    moods: NDArray[np.intp]
    twentieths: NDArray[np.intp]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def names(self) -> NDArray[np.str_]:
        """Mood and file name of each photo."""
        return np.array([f"{path.parent.name}/{path.name}" for path in self.paths])

    def pixels(self, indices: slice | NDArray[np.intp]) -> NDArray[np.uint8]:
        """Decode some photos: red, green and blue, (n, 224, 224, 3)."""
        with ThreadPoolExecutor() as pool:
            return np.stack(list(pool.map(_pixels, self.paths[indices])))


def read(folder: Path, n_first: int | None = None) -> Photos:
    """List all photos, or the first ones of each mood, from a folder with a subfolder for each mood."""
    labels = tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))
    paths = [path for label in labels for path in sorted((folder / label).iterdir())[:n_first]]
    with ThreadPoolExecutor() as pool:
        twentieths = np.array(list(pool.map(twentieth, paths)), dtype=np.intp)
    moods = np.array([labels.index(path.parent.name) for path in paths], dtype=np.intp)
    return Photos(np.array(paths, dtype=object), moods, twentieths, labels)


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
    max_aspect : float
        Maximum logarithm of the ratio of the width of a crop to its height.
    brightness : float
        Maximum relative change of the brightness. Colours are unchanged, because they influence the mood.
    low_resolution_share : float
        Share of the photos first reduced to 40 to 160 pixels, which keeps the accuracy on small pictures.
    """

    min_area: float = 0.4
    max_aspect: float = 0.2
    brightness: float = 0.2
    low_resolution_share: float = 0.2

    def batch(self, pixels: NDArray[np.uint8], size_px: int, rng: np.random.Generator) -> Tensor:
        """Augment photos (n, 224, 224, 3) and resize them to (n, size_px, size_px, 3), uint8."""
        changed = torch.from_numpy(np.stack([self._one(photo, size_px, rng) for photo in pixels]))
        factors = rng.uniform(1 - self.brightness, 1 + self.brightness, (len(pixels), 1, 1, 1))
        return (changed * torch.from_numpy(factors).float()).clamp_(0, 255).byte()

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
        return np.asarray(image)

    def _crop(self, rng: np.random.Generator) -> tuple[float, float, float, float]:
        area, shape = rng.uniform(self.min_area, 1), np.exp(rng.uniform(-self.max_aspect, self.max_aspect))
        width, height = (min(1.0, np.sqrt(area * factor)) * STORED_PX for factor in (shape, 1 / shape))
        left, top = rng.uniform(0, STORED_PX - width), rng.uniform(0, STORED_PX - height)
        return left, top, left + width, top + height
