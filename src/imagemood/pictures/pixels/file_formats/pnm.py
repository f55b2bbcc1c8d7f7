"""Opens PBM, PGM, PPM and PFM files. Pillow decodes most ranges of values in Python, so NumPy converts them."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from PIL.PpmImagePlugin import PpmImageFile

from imagemood.pictures.pixels.file_formats.opened import LazyImage, OpenedImage, parted_file

_SPACE = rb"\s*+(?:#[^\r\n]*+[\r\n]\s*+)*+"
_SIZE = re.compile(rb"P[1-6f]" + (_SPACE + rb"(\d{1,9})") * 2)
_MAXIMUM = re.compile(_SPACE + rb"(\d{1,5})\s")
_SCALE = re.compile(_SPACE + rb"([-+.\deE]{1,30})\s")
_MAX_HEADER_BYTES = 1 << 16
_PIXELS_PER_STRIP = 1 << 20


def open_pnm(content: bytes) -> OpenedImage:
    """Open a PBM, PGM, PPM or PFM file.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    head = content[:_MAX_HEADER_BYTES]
    match = _SIZE.match(head)
    if not match:
        raise ValueError("damaged header")
    kind, size = content[:2], (int(match[1]), int(match[2]))
    if kind in {b"P1", b"P2", b"P3"}:  # numbers as text
        return OpenedImage(PpmImageFile(io.BytesIO(content)))
    if kind == b"P4":
        return OpenedImage(PpmImageFile(parted_file(b"P4 %d %d\n" % size, memoryview(content)[match.end() + 1 :])))
    last = (_SCALE if kind == b"Pf" else _MAXIMUM).match(head, match.end())
    if not last:
        raise ValueError("damaged header")
    pixels = memoryview(content)[last.end() :]
    if kind == b"Pf":
        return OpenedImage(PpmImageFile(parted_file(b"Pf %d %d %s\n" % (*size, last[1]), pixels)))
    maximum = int(last[1])
    if not 0 < maximum < 65536:
        raise ValueError("the largest value must be from 1 to 65535")
    mode = "L" if kind == b"P5" else "RGB"
    if maximum == 255:
        return OpenedImage(PpmImageFile(parted_file(b"%s %d %d 255\n" % (kind, *size), pixels)))
    return LazyImage(lambda: _scaled(pixels, size, mode, maximum), size, mode, decoder_bytes=3 * size[0] * size[1])


def _scaled(data: memoryview, size: tuple[int, int], mode: str, maximum: int) -> PIL.Image.Image:
    """Return an image of 8 bits, from values up to `maximum`."""
    n_values = size[0] * size[1] * len(mode)
    dtype = np.dtype(np.uint8 if maximum < 256 else ">u2")
    if len(data) < n_values * dtype.itemsize:
        raise ValueError("truncated")
    values: NDArray[np.integer[Any]] = np.frombuffer(data, dtype, n_values)
    scaled = np.empty(n_values, np.uint8)
    for start in range(0, n_values, _PIXELS_PER_STRIP):
        strip = slice(start, start + _PIXELS_PER_STRIP)
        scaled[strip] = np.rint(np.minimum(values[strip] * (255 / maximum), 255))
    return PIL.Image.frombuffer(mode, size, scaled, "raw", mode, 0, 1)
