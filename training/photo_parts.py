"""Photos and published weights in files of limited size, for a machine that receives them one after the other."""

from __future__ import annotations

import io
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import photos
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PackedPhotos:
    """Photos as they are stored in the parts.

    Attributes
    ----------
    contents : list of bytes
        The encoded photos.
    names : ndarray of str, shape (n,)
        Mood and file name of each photo.
    twentieths : ndarray of intp, shape (n,)
        Part of the photos that each one belongs to, see `split`.
    """

    contents: list[bytes]
    names: NDArray[np.str_]
    twentieths: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.contents)

    @property
    def labels(self) -> tuple[str, ...]:
        """The moods, in alphabetical order."""
        return tuple(sorted({name.split("/")[0] for name in self.names.tolist()}))

    @property
    def moods(self) -> NDArray[np.intp]:
        """Indices into `labels`, (n,)."""
        return np.array([self.labels.index(name.split("/")[0]) for name in self.names.tolist()], dtype=np.intp)

    def decode(self, output: NDArray[np.uint8]) -> None:
        """Decode all photos into an array, (n, 224, 224, 3)."""

        def one(i: int) -> None:
            output[i] = photos.decode(io.BytesIO(self.contents[i]))

        with ThreadPoolExecutor() as pool:
            list(pool.map(one, range(len(self))))


def pack(originals: photos.Photos, folder: Path, max_bytes: int) -> list[Path]:
    """Write photos in a random order to `photos-0.npz`, `photos-1.npz` and so on; return the files.

    No part has more than `max_bytes` of encoded photos. JPEG files are compressed without loss if `jpegtran` is
    installed.
    """
    with ThreadPoolExecutor() as pool:
        contents = np.array(list(pool.map(_compressed, originals.paths)), dtype=object)
    order = np.random.default_rng(0).permutation(len(originals))
    ends = np.cumsum([len(content) for content in contents[order]])
    files = []
    for number in range(int(ends[-1] // max_bytes) + 1):
        chosen = order[ends // max_bytes == number]
        files.append(folder / f"photos-{number}.npz")
        np.savez(
            files[-1],
            content=np.frombuffer(b"".join(contents[chosen]), dtype=np.uint8),
            sizes=np.array([len(content) for content in contents[chosen]]),
            names=originals.names[chosen],
            twentieths=originals.twentieths[chosen],
        )
    return files


def unpack(folder: Path) -> PackedPhotos:
    """Read all parts in a folder, in the order of the names of the photos."""
    contents, names, twentieths = [], [], []
    for file in sorted(folder.glob("photos-*.npz")):
        with np.load(file) as part:
            stored = io.BytesIO(part["content"].tobytes())
            contents += [stored.read(size) for size in part["sizes"].tolist()]
            names.append(part["names"])
            twentieths.append(part["twentieths"])
    joined = np.concatenate(names)
    order = np.argsort(joined)
    return PackedPhotos([contents[i] for i in order], joined[order], np.concatenate(twentieths)[order])


def _compressed(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(b"\xff\xd8") or shutil.which("jpegtran") is None:
        return content
    command = ["jpegtran", "-copy", "none", "-arithmetic", "-progressive", str(path)]
    smaller = subprocess.run(command, check=False, capture_output=True).stdout
    return smaller if 0 < len(smaller) < len(content) else content
