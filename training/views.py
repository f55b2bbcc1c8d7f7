"""Augmented views of the photos, stored as the output of the shared blocks of the network.

The shared blocks are frozen, so they run once for each view, not in each epoch and each training.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pausing import wait_while
from photos import Photos
from torch import Tensor

from imagemood.finetuning.augmentation import PhotoAugmentation
from imagemood.finetuning.network import MoodNetwork, normalise

N_BATCH = 64


@dataclass(frozen=True, eq=False)
class View:
    """The output of the shared blocks for all photos in one augmentation.

    Attributes
    ----------
    image : ndarray of shape (n, side, side, channels), int16
        Bit patterns of bfloat16, which NumPy does not support.
    """

    image: NDArray[np.int16]

    def batch(self, indices: NDArray[np.intp]) -> Tensor:
        """Return the features of some photos, (n, channels, side, side)."""
        return torch.from_numpy(self.image[indices]).view(torch.bfloat16).permute(0, 3, 1, 2)


def load_or_create(
    photos: Photos,
    size_px: int,
    network: MoodNetwork,
    file: Path,
    augmentation: PhotoAugmentation | None = None,
    seed: int = 0,
) -> View:
    """Read a view from a `.npy` file, or create it there.

    A view that an interrupted run left incomplete is continued. Without `augmentation`, photos are unchanged.
    """
    if not file.is_file():
        partial = file.with_suffix(".part")
        _write(photos, size_px, network, partial, augmentation, seed)
        partial.rename(file)
        _progress(file).unlink(missing_ok=True)
    return View(np.load(file, mmap_mode="r"))


def _write(
    photos: Photos,
    size_px: int,
    network: MoodNetwork,
    file: Path,
    augmentation: PhotoAugmentation | None,
    seed: int,
) -> None:
    progress = _progress(file)
    first = int(progress.read_text()) if progress.is_file() and file.is_file() else 0
    output = np.load(file, mmap_mode="r+") if first else None
    for start in range(first, len(photos), N_BATCH):
        wait_while(file.with_name("PAUSE"))
        pixels = photos.pixels(slice(start, start + N_BATCH))
        rng = np.random.default_rng([seed, start])
        augmented = torch.from_numpy(pixels) if augmentation is None else augmentation.batch(pixels, size_px, rng)
        image = normalise(augmented).bfloat16().contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            features = network.shared(image)
        bits = features.permute(0, 2, 3, 1).contiguous().view(torch.int16).numpy()
        if output is None:
            output = np.lib.format.open_memmap(file, "w+", bits.dtype, (len(photos), *bits.shape[1:]))
        output[start : start + len(bits)] = bits
        if start // N_BATCH % 50 == 49:
            output.flush()
            progress.write_text(str(start + len(bits)))
            print(f"{file.stem}: {start + len(bits)} of {len(photos)} photos", file=sys.stderr)


def _progress(file: Path) -> Path:
    return file.with_suffix(".progress")
