"""Folders of generated photos, one for each mood."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image


def write_moods(folder: Path, moods: Sequence[str], n_photos: int) -> Path:
    """Write small photos of noise and one colour for each mood, and return the folder."""
    rng = np.random.default_rng(0)
    for i, mood in enumerate(moods):
        (folder / mood).mkdir(parents=True)
        for number in range(n_photos):
            pixels = rng.integers(0, 120, (40, 48, 3))
            pixels[..., i % 3] += 120
            PIL.Image.fromarray(pixels.astype(np.uint8)).save(folder / mood / f"{number:03}.png")
    return folder
