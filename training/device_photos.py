"""All photos in the memory of a device, and their augmentation there, for training on a GPU."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from network import MEAN, STD, MoodNetwork, normalise
from numpy.typing import NDArray
from photos import STORED_PX, PhotoAugmentation, Photos
from torch import Tensor
from torch.nn import functional

N_DECODED = 512


@dataclass(frozen=True, eq=False)
class DevicePhotos:
    """Decoded photos in the memory of a device, and the frozen part of the network.

    Attributes
    ----------
    pixels : Tensor of shape (n, 224, 224, 3), uint8
        Red, green and blue.
    network : MoodNetwork
        Computes the features after the shared blocks.
    """

    pixels: Tensor
    network: MoodNetwork

    @classmethod
    def load(cls, photos: Photos, network: MoodNetwork, device: torch.device) -> DevicePhotos:
        """Decode all photos."""
        pixels = torch.empty((len(photos), STORED_PX, STORED_PX, 3), dtype=torch.uint8, device=device)
        for start in range(0, len(photos), N_DECODED):
            part = torch.from_numpy(photos.pixels(slice(start, start + N_DECODED)))
            pixels[start : start + len(part)] = part.to(device)
        return cls(pixels, network)

    def batch(self, indices: NDArray[np.intp]) -> Tensor:
        """Return the features of unchanged photos, (n, channels, side, side)."""
        return self._features(normalise(self._chosen(indices)))

    def augmented(
        self, indices: NDArray[np.intp], size_px: int, augmentation: PhotoAugmentation, rng: np.random.Generator
    ) -> Tensor:
        """Return the features of randomly changed photos, (n, channels, side, side)."""
        return self._features(augment(normalise(self._chosen(indices)), size_px, augmentation, rng))

    def _chosen(self, indices: NDArray[np.intp]) -> Tensor:
        return self.pixels[torch.from_numpy(indices).to(self.pixels.device)]

    @torch.no_grad()
    def _features(self, image: Tensor) -> Tensor:
        return self.network.shared(image.bfloat16().contiguous(memory_format=torch.channels_last))


def augment(image: Tensor, size_px: int, augmentation: PhotoAugmentation, rng: np.random.Generator) -> Tensor:
    """Change normalised photos (n, 3, 224, 224) as `PhotoAugmentation.batch` does, with another resampling."""
    n = len(image)
    area = rng.uniform(augmentation.min_area, 1, n)
    shape = np.exp(rng.uniform(-augmentation.max_aspect, augmentation.max_aspect, n))
    width, height = (np.minimum(1, np.sqrt(area * factor)) for factor in (shape, 1 / shape))
    left, top = (rng.uniform(-1, 1, n) * (1 - side) for side in (width, height))
    flipped = np.where(rng.random(n) < 0.5, -1, 1)
    zeros = np.zeros(n)
    maps = np.stack([width * flipped, zeros, left, zeros, height, top], axis=1).reshape(n, 2, 3)
    grid = functional.affine_grid(
        torch.from_numpy(maps).float().to(image.device), [n, 3, size_px, size_px], align_corners=False
    )
    image = functional.grid_sample(image, grid, padding_mode="border", align_corners=False)
    reduced = np.flatnonzero(rng.random(n) < augmentation.low_resolution_share)
    if len(reduced):
        side_px, chosen = int(rng.integers(40, 161)), torch.from_numpy(reduced).to(image.device)
        small = functional.interpolate(image[chosen], (side_px, side_px), mode="bilinear", antialias=True)
        image[chosen] = functional.interpolate(small, (size_px, size_px), mode="bilinear")
    brightness = rng.uniform(1 - augmentation.brightness, 1 + augmentation.brightness, (n, 1, 1, 1))
    black, white = (0 - MEAN) / STD, (255 - MEAN) / STD
    factors = torch.from_numpy(brightness).float().to(image.device)
    return ((image - black) * factors + black).clamp(black, white)
