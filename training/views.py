"""Training photos changed in several ways, as all that does not learn sees them: made once, learned from often."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from network import Begun, MoodNetwork, normalise
from numpy.typing import NDArray
from photos import Changes, Photos

N_BATCH = 64


@dataclass(frozen=True, eq=False)
class View:
    """One way in which all photos were changed.

    Attributes
    ----------
    image : ndarray of shape (n, side, side, channels), int16
        `Begun.image`; the bits of bfloat16, which NumPy does not know.
    embedding : ndarray of shape (n, 1280), float16
        `Begun.embedding`.
    """

    image: NDArray[np.int16]
    embedding: NDArray[np.float16]

    def __len__(self) -> int:
        return len(self.image)

    def batch(self, places: NDArray[np.intp] | slice, device: torch.device) -> Begun:
        """Take some of the photos."""
        image = torch.from_numpy(np.array(self.image[places])).to(device)
        embedding = torch.from_numpy(np.array(self.embedding[places])).to(device)
        return Begun(image.view(torch.bfloat16).permute(0, 3, 1, 2), embedding.float())


def of(
    photos: Photos, size_px: int, network: MoodNetwork, files: Path, changes: Changes | None = None, seed: int = 0
) -> View:
    """Read a view, or make it and keep it in `files` with the endings .image.npy and .embedding.npy.

    What a run that was stopped has left unfinished is made anew. Without `changes` the photos stay as they are.
    """
    kept = [files.with_name(f"{files.name}.{part}.npy") for part in ("image", "embedding")]
    if not kept[-1].is_file():
        begun = [file.with_suffix(".part") for file in kept]
        _write(photos, size_px, network, begun, changes, np.random.default_rng(seed))
        for part, file in zip(begun, kept, strict=True):
            part.rename(file)
    return View(*(np.load(file, mmap_mode="r") for file in kept))


def _write(
    photos: Photos,
    size_px: int,
    network: MoodNetwork,
    files: list[Path],
    changes: Changes | None,
    dice: np.random.Generator,
) -> None:
    n, device = len(photos), next(network.parameters()).device
    outputs: list[NDArray[np.int16] | NDArray[np.float16]] = []
    for start in range(0, n, N_BATCH):
        pixels = photos.pixels[start : start + N_BATCH]
        changed = torch.from_numpy(pixels) if changes is None else changes.batch(pixels, size_px, dice)
        image = normalise(changed.to(device)).bfloat16().contiguous(memory_format=torch.channels_last)
        begun = network.begin(image)
        bits = begun.image.permute(0, 2, 3, 1).contiguous().view(torch.int16).cpu().numpy()
        answers = (bits, begun.embedding.half().cpu().numpy())
        if not outputs:
            outputs = [
                np.lib.format.open_memmap(file, "w+", answer.dtype, (n, *answer.shape[1:]))
                for file, answer in zip(files, answers, strict=True)
            ]
        for output, answer in zip(outputs, answers, strict=True):
            output[start : start + len(answer)] = answer
        if sys.stderr.isatty():
            print(f"\r{files[0].stem}: {start + len(bits)} of {n}", end="", file=sys.stderr)
