"""Decoded photos, and the features that the frozen part of the network computes from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from imagemood.finetuning.augmentation import PhotoAugmentation
from imagemood.finetuning.network import MoodNetwork, normalise


@dataclass(frozen=True, eq=False)
class DecodedPhotos:
    """Decoded photos, and the frozen part of the network.

    Attributes
    ----------
    pixels : Tensor of shape (n, 224, 224, 3), uint8
        Red, green and blue: in the memory of the network's device, or in the memory or a file of the computer.
    network : MoodNetwork
        Computes the features after the shared blocks.
    dtype : torch.dtype
        Precision of the computation.
    """

    pixels: Tensor
    network: MoodNetwork
    dtype: torch.dtype = torch.bfloat16

    def batch(self, indices: NDArray[np.intp]) -> Tensor:
        """Return the features of unchanged photos, (n, channels, side, side)."""
        return self._features(normalise(self._chosen(indices).to(self._device)))

    def augmented(
        self, indices: NDArray[np.intp], size_px: int, augmentation: PhotoAugmentation, rng: np.random.Generator
    ) -> Tensor:
        """Return the features of randomly changed photos, (n, channels, side, side)."""
        chosen = self._chosen(indices)
        if self._device.type == "cpu":
            return self._features(normalise(augmentation.batch(chosen.numpy(), size_px, rng)))
        image = normalise(chosen.to(self._device))
        return self._features(augmentation.batch_on_device(image, size_px, rng))

    @property
    def _device(self) -> torch.device:
        return self.network.stem.weight.device

    def _chosen(self, indices: NDArray[np.intp]) -> Tensor:
        return self.pixels[torch.from_numpy(indices).to(self.pixels.device)]

    @torch.no_grad()
    def _features(self, image: Tensor) -> Tensor:
        return self.network.shared(image.to(self.dtype).contiguous(memory_format=torch.channels_last))
