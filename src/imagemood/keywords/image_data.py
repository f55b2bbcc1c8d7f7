"""The parts of picture files that determine their pixels, by which a change of the metadata is checked."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from typing import Any

import PIL.Image

EXTENSIONS = {
    "JPEG": ".jpg",
    "TIFF": ".tif",
    "PNG": ".png",
    "APNG": ".png",
    "WEBP": ".webp",
    "Extended WEBP": ".webp",
}
"""The file types, as ExifTool calls them, whose metadata can be changed in place, and their extensions."""

_JPEG_SCAN, _JPEG_COMMENT = 0xDA, 0xFE
_JPEG_APPLICATION = range(0xE0, 0xF0)
_JPEG_ADOBE = 0xEE  # says how colours are encoded
_PNG_METADATA = frozenset([b"tEXt", b"zTXt", b"iTXt", b"eXIf"])
_WEBP_METADATA = frozenset([b"VP8X", b"EXIF", b"XMP "])
_TIFF_DATA = ((273, 279), (324, 325))  # the offsets and sizes of strips, and of tiles
_TIFF_LAYOUT = (256, 257, 258, 259, 262, 277, 284, 317, 320, 322, 323, 338, 339, 347)


def image_data(content: bytes, file_type: str) -> list[Any]:
    """Return the parts of a file that determine its pixels.

    Parameters
    ----------
    content : bytes
        The content of the file.
    file_type : str
        One of `EXTENSIONS`.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    by_extension = {".jpg": _jpeg_parts, ".tif": _tiff_parts, ".png": _png_parts, ".webp": _webp_parts}
    parts = by_extension[EXTENSIONS[file_type]]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of damaged metadata
            found = list(parts(content))
    except (IndexError, struct.error, OSError, SyntaxError, TypeError, KeyError) as error:
        raise ValueError("damaged file") from error
    if not found:
        raise ValueError("damaged file")
    return found


def _jpeg_parts(content: bytes) -> Iterator[bytes]:
    """Yield the segments without application data and comments, and everything from the first scan on."""
    position = 2
    while True:
        if content[position] != 0xFF:
            raise ValueError("damaged file")
        marker = content[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        if marker == _JPEG_SCAN:
            yield content[position:]
            return
        end = position + 2 + struct.unpack_from(">H", content, position + 2)[0]
        if marker == _JPEG_ADOBE or (marker not in _JPEG_APPLICATION and marker != _JPEG_COMMENT):
            yield content[position:end]
        position = end


def _png_parts(content: bytes) -> Iterator[bytes]:
    position = 8
    while position < len(content):
        size, kind = struct.unpack_from(">I4s", content, position)
        if kind not in _PNG_METADATA:
            yield content[position : position + 12 + size]
        if kind == b"IEND":
            return
        position += 12 + size


def _webp_parts(content: bytes) -> Iterator[bytes]:
    position = 12
    while position < len(content):
        kind, size = struct.unpack_from("<4sI", content, position)
        if kind not in _WEBP_METADATA:
            yield content[position : position + 8 + size]
        position += 8 + size + size % 2


def _tiff_parts(content: bytes) -> Iterator[Any]:
    with PIL.Image.open(io.BytesIO(content), formats=["TIFF"]) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            tags: Any = image.tag_v2  # type: ignore[attr-defined]
            yield {tag: tags.get(tag) for tag in _TIFF_LAYOUT}
            n_parts = 0
            for offsets, sizes in _TIFF_DATA:
                for offset, size in zip(tags.get(offsets, ()), tags.get(sizes, ()), strict=True):
                    n_parts += 1
                    yield content[offset : offset + size]
            if not n_parts:
                raise ValueError("damaged file")
