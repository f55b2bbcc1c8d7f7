"""Random changes of photos in training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import PIL.Image
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from imagemood.finetuning.network import MEAN, STD

_REDUCED_PX = (40, 161)  # range of the side of photos of low resolution


@dataclass(frozen=True)
class PhotoAugmentation:
    """Random changes of photos.

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
        """Augment photos (n, height, width, 3) and resize them to (n, size_px, size_px, 3), uint8, on the CPU."""
        changed = torch.from_numpy(np.stack([self._one(photo, size_px, rng) for photo in pixels]))
        factors = rng.uniform(1 - self.brightness, 1 + self.brightness, (len(pixels), 1, 1, 1))
        return (changed * torch.from_numpy(factors).float()).clamp_(0, 255).byte()

    def _one(self, photo: NDArray[np.uint8], size_px: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        image = PIL.Image.fromarray(photo)
        box: tuple[float, float, float, float] | None = self._crop(image.size, rng)
        if rng.random() < self.low_resolution_share:
            side_px = int(rng.integers(*_REDUCED_PX))
            image = image.resize((side_px, side_px), PIL.Image.Resampling.BILINEAR, box=box)
            box = None
        image = image.resize((size_px, size_px), PIL.Image.Resampling.BILINEAR, box=box)
        if rng.random() < 0.5:
            image = image.transpose(PIL.Image.Transpose.FLIP_LEFT_RIGHT)
        return np.asarray(image)

    def _crop(self, size: tuple[int, int], rng: np.random.Generator) -> tuple[float, float, float, float]:
        area, shape = rng.uniform(self.min_area, 1), np.exp(rng.uniform(-self.max_aspect, self.max_aspect))
        width, height = (
            min(1.0, np.sqrt(area * factor)) * side for factor, side in zip((shape, 1 / shape), size, strict=True)
        )
        left, top = rng.uniform(0, size[0] - width), rng.uniform(0, size[1] - height)
        return left, top, left + width, top + height

    def batch_on_device(self, image: Tensor, size_px: int, rng: np.random.Generator) -> Tensor:
        """Augment normalised photos (n, 3, height, width) as `batch` does, with another resampling, on a GPU."""
        n, device = len(image), image.device
        area = rng.uniform(self.min_area, 1, n)
        shape = np.exp(rng.uniform(-self.max_aspect, self.max_aspect, n))
        width, height = (np.minimum(1, np.sqrt(area * factor)) for factor in (shape, 1 / shape))
        left, top = (rng.uniform(-1, 1, n) * (1 - side) for side in (width, height))
        flipped = np.where(rng.random(n) < 0.5, -1, 1)
        zeros = np.zeros(n)
        maps = np.stack([width * flipped, zeros, left, zeros, height, top], axis=1).reshape(n, 2, 3)
        grid = functional.affine_grid(
            torch.from_numpy(maps).float().to(device), [n, 3, size_px, size_px], align_corners=False
        )
        image = functional.grid_sample(image, grid, padding_mode="border", align_corners=False)
        brightness = rng.uniform(1 - self.brightness, 1 + self.brightness, (n, 1, 1, 1))
        reduced = np.flatnonzero(rng.random(n) < self.low_resolution_share)
        if len(reduced):
            side_px, chosen = int(rng.integers(*_REDUCED_PX)), torch.from_numpy(reduced).to(device)
            small = functional.interpolate(image[chosen], (side_px, side_px), mode="bilinear", antialias=True)
            image[chosen] = functional.interpolate(small, (size_px, size_px), mode="bilinear")
        black, white = (0 - MEAN) / STD, (255 - MEAN) / STD
        factors = torch.from_numpy(brightness).float().to(device)
        return ((image - black) * factors + black).clamp(black, white)
