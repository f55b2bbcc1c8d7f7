"""Augmented views of the training photos, stored as the output of the frozen part of the network.

The frozen blocks run once for each view, not in each epoch.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from network import FrozenFeatures, MoodNetwork, normalise
from numpy.typing import NDArray
from photos import PhotoAugmentation, Photos

N_BATCH = 64


@dataclass(frozen=True, eq=False)
class View:
    """The frozen features of all photos in one augmentation.

    Attributes
    ----------
    image : ndarray of shape (n, side, side, channels), int16
        `FrozenFeatures.image`; bit patterns of bfloat16, which NumPy does not support.
    embedding : ndarray of shape (n, 1280), float16
        `FrozenFeatures.embedding`.
    """

    image: NDArray[np.int16]
    embedding: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.image)

    def batch(self, indices: NDArray[np.intp] | slice, device: torch.device) -> FrozenFeatures:
        """Return the features of some photos."""
        image = torch.from_numpy(np.array(self.image[indices])).to(device)
        embedding = torch.from_numpy(np.array(self.embedding[indices])).to(device)
        return FrozenFeatures(image.view(torch.bfloat16).permute(0, 3, 1, 2), embedding.float())


def load_or_create(
    photos: Photos,
    size_px: int,
    network: MoodNetwork,
    files: Path,
    augmentation: PhotoAugmentation | None = None,
    seed: int = 0,
) -> View:
    """Read a view from `files` (with the suffixes .image.npy and .embedding.npy), or create it there.

    A view that an interrupted run left incomplete is created again. Without `augmentation`, photos are unchanged.
    """
    finished = [files.with_name(f"{files.name}.{part}.npy") for part in ("image", "embedding")]
    if not finished[-1].is_file():
        partial = [file.with_suffix(".part") for file in finished]
        _write(photos, size_px, network, partial, augmentation, np.random.default_rng(seed))
        for part, file in zip(partial, finished, strict=True):
            part.rename(file)
    return View(*(np.load(file, mmap_mode="r") for file in finished))


def _write(
    photos: Photos,
    size_px: int,
    network: MoodNetwork,
    files: list[Path],
    augmentation: PhotoAugmentation | None,
    rng: np.random.Generator,
) -> None:
    n, device = len(photos), next(network.parameters()).device
    outputs: list[NDArray[np.int16] | NDArray[np.float16]] = []
    for start in range(0, n, N_BATCH):
        pixels = photos.pixels[start : start + N_BATCH]
        augmented = torch.from_numpy(pixels) if augmentation is None else augmentation.batch(pixels, size_px, rng)
        image = normalise(augmented.to(device)).bfloat16().contiguous(memory_format=torch.channels_last)
        features = network.frozen_features(image)
        bits = features.image.permute(0, 2, 3, 1).contiguous().view(torch.int16).cpu().numpy()
        arrays = (bits, features.embedding.half().cpu().numpy())
        if not outputs:
            outputs = [
                np.lib.format.open_memmap(file, "w+", array.dtype, (n, *array.shape[1:]))
                for file, array in zip(files, arrays, strict=True)
            ]
        for output, array in zip(outputs, arrays, strict=True):
            output[start : start + len(array)] = array
        if sys.stderr.isatty():
            print(f"\r{files[0].stem}: {start + len(bits)} of {n}", end="", file=sys.stderr)
