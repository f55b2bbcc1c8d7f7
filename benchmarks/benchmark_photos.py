"""Photos of any size to measure on, from a folder of photos or from the sample pictures."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.pictures import decoding, samples

GRAIN = 6  # standard deviation in 8-bit steps: what a camera's sensor adds at middling light
QUALITY = 88


def make(folder: Path, side_px: int, n_photos: int, source: Path | None) -> list[Path]:
    """Write JPEG files whose longer side has so many pixels.

    Photos are scaled, and given the grain of a camera's photo of that size, without which an enlarged photo is a
    smaller file, and sooner decoded, than a real one. Photos that have the size already are taken as they are.
    """
    dice = random.Random(0)  # noqa: S311 (which photos are taken is no secret)
    if source is None:
        originals = [_cut(dice, sample.path) for sample in samples.all_samples() for _ in range(8)]
    else:
        paths = sorted(path for path in source.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
        taken = dice.sample(paths, min(n_photos, len(paths)))
        if all(max(_size(path)) == side_px for path in taken) and len(taken) == n_photos:
            return taken
        originals = [PIL.Image.open(path).convert("RGB") for path in taken]
    folder.mkdir()
    made = []
    for i in range(n_photos):
        path = folder / f"{i:05d}.jpg"
        if i < len(originals):
            _scaled(originals[i], side_px, i).save(path, quality=QUALITY)
        else:
            path.hardlink_to(made[i - len(originals)])
        made.append(path)
    return made


def decoded(paths: list[Path], size_px: int = 224) -> NDArray[np.uint8]:
    """Decode photos as the tagger has them decoded: (n, size_px, size_px, 3)."""
    return np.stack([decoding.decode(path.read_bytes(), size_px=size_px) for path in paths])


def _size(path: Path) -> tuple[int, int]:
    with PIL.Image.open(path) as picture:
        return picture.size


def _cut(dice: random.Random, path: Path) -> PIL.Image.Image:
    picture = PIL.Image.open(path).convert("RGB")
    side = dice.randint(224, min(picture.size))
    left, top = dice.randint(0, picture.width - side), dice.randint(0, picture.height - side)
    return picture.crop((left, top, left + side, top + side))


def _scaled(picture: PIL.Image.Image, side_px: int, seed: int) -> PIL.Image.Image:
    factor = side_px / max(picture.size)
    size = (round(picture.width * factor), round(picture.height * factor))
    pixels = np.asarray(picture.resize(size, PIL.Image.Resampling.BICUBIC), dtype=np.float32)
    if factor > 1:
        grain = np.random.default_rng(seed).standard_normal((size[1], size[0], 1), dtype=np.float32)
        pixels = pixels + GRAIN * grain
    return PIL.Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
