"""Photos of any size for the benchmarks, from a folder of photos or from those in scikit-image."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import PIL.Image
import skimage
from numpy.typing import NDArray

from imagemood.pictures.pixels import decoding
from imagemood.tables.messages_pb2 import Image

GRAIN = 6  # standard deviation in 8-bit steps: typical sensor noise in moderate light
QUALITY = 88
_FOLDER = Path(skimage.__file__).parent / "data"
_PHOTOS = ("chelsea.png", "coffee.png", "rocket.jpg", "hubble_deep_field.jpg", "astronaut.png")


def make_photos(folder: Path, side_px: int, n_photos: int, source: Path | None) -> list[Path]:
    """Write JPEG files whose longer side has `side_px` pixels and return their paths.

    Enlarged photos get the grain of a camera photo of that size; without it, their files would be smaller and
    faster to decode than real ones. Photos of the right size are used unchanged.
    """
    rng = random.Random(0)  # noqa: S311 (not used for security)
    if source is None:
        originals = [_crop(rng, _FOLDER / name) for name in _PHOTOS for _ in range(8)]
    else:
        paths = sorted(path for path in source.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
        chosen = rng.sample(paths, min(n_photos, len(paths)))
        if all(max(_size(path)) == side_px for path in chosen) and len(chosen) == n_photos:
            return chosen
        originals = [PIL.Image.open(path).convert("RGB") for path in chosen]
    folder.mkdir()
    paths_written = []
    for i in range(n_photos):
        path = folder / f"{i:05d}.jpg"
        if i < len(originals):
            _resize(originals[i], side_px, i).save(path, quality=QUALITY)
        else:
            path.hardlink_to(paths_written[i - len(originals)])
        paths_written.append(path)
    return paths_written


def decode_photos(paths: list[Path], size_px: int = 224) -> NDArray[np.uint8]:
    """Decode photos as for the tagger: (n, size_px, size_px, 3)."""
    return np.stack([decoding.decode(path.read_bytes(), size_px=size_px) for path in paths])


def _size(path: Path) -> tuple[int, int]:
    with PIL.Image.open(path) as picture:
        return picture.size


def _crop(rng: random.Random, path: Path) -> PIL.Image.Image:
    picture = PIL.Image.open(path).convert("RGB")
    side = rng.randint(224, min(picture.size))
    left, top = rng.randint(0, picture.width - side), rng.randint(0, picture.height - side)
    return picture.crop((left, top, left + side, top + side))


def _resize(picture: PIL.Image.Image, side_px: int, seed: int) -> PIL.Image.Image:
    factor = side_px / max(picture.size)
    size = (round(picture.width * factor), round(picture.height * factor))
    pixels = np.asarray(picture.resize(size, PIL.Image.Resampling.BICUBIC), dtype=np.float32)
    if factor > 1:
        grain = np.random.default_rng(seed).standard_normal((size[1], size[0], 1), dtype=np.float32)
        pixels = pixels + GRAIN * grain
    return PIL.Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def write_bodies(folder: Path, photos: list[bytes]) -> list[Path]:
    """Write a request body for each photo."""
    bodies = [folder / f"{i}.pb" for i in range(len(photos))]
    for body, photo in zip(bodies, photos, strict=True):
        body.write_bytes(Image(mime_type="image/jpeg", image_binary=photo).SerializeToString())
    return bodies
