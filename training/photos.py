"""Labelled photos."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from split import twentieth

from imagemood.finetuning.network import SIZE_PX


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
            return np.stack(list(pool.map(decode, self.paths[indices])))


def read(folder: Path, n_first: int | None = None) -> Photos:
    """List all photos, or the first ones of each mood, from a folder with a subfolder for each mood."""
    labels = tuple(sorted(path.name for path in folder.iterdir() if path.is_dir()))
    paths = [path for label in labels for path in sorted((folder / label).iterdir())[:n_first]]
    with ThreadPoolExecutor() as pool:
        twentieths = np.array(list(pool.map(twentieth, paths)), dtype=np.intp)
    moods = np.array([labels.index(path.parent.name) for path in paths], dtype=np.intp)
    return Photos(np.array(paths, dtype=object), moods, twentieths, labels)


def decode(file: Path | BinaryIO) -> NDArray[np.uint8]:
    """Decode a photo: red, green and blue, (224, 224, 3)."""
    with PIL.Image.open(file) as image:
        rgb = image.convert("RGB")
    if rgb.size != (SIZE_PX, SIZE_PX):
        rgb = rgb.resize((SIZE_PX, SIZE_PX), PIL.Image.Resampling.BICUBIC)
    return np.asarray(rgb)
