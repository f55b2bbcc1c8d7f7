"""Small pictures with known pixels, and parts of picture files."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import PIL.Image

from imagemood.pictures.pixels import decoding

_PIXELS = np.zeros((48, 64, 3), np.uint8)
_PIXELS[:24], _PIXELS[24:] = (200, 30, 30), (30, 30, 200)
_PIXELS[:, :8] = (30, 200, 30)
FLAG = PIL.Image.fromarray(_PIXELS)
"""Red above blue, with a green stripe on the left, so that every orientation looks different."""
ORIENTATION_6 = (0x0112, 3, 1, struct.pack("<HH", 6, 0))


def encode(kind: str, image: PIL.Image.Image = FLAG, **options: object) -> bytes:
    """Return an image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def assert_shows_flag(content: bytes, *, orientation: int = 1, tolerance: float = 6) -> None:
    """Check that a file is decoded to the flag, turned as a viewer does for an orientation of 1 or 6."""
    expected = FLAG.transpose(PIL.Image.Transpose.ROTATE_270) if orientation == 6 else FLAG
    for size_px in (None, 32):
        shown = expected if size_px is None else expected.resize((size_px, size_px))
        pixels = decoding.decode(content, name="flag", size_px=size_px)
        assert pixels.shape == (shown.height, shown.width, 3)
        assert np.abs(pixels.astype(int) - np.asarray(shown)).mean() <= tolerance


def tiff(*entries: tuple[int, int, int, bytes], following: int = 0) -> bytes:
    """Return EXIF metadata: tags with their type, number of values, and values or their offset."""
    directory = b"".join(struct.pack("<HHI4s", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + directory + struct.pack("<I", following)


def segment(marker: int, data: bytes) -> bytes:
    """Return a segment of a JPEG file."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def png_chunk(kind: bytes, data: bytes = b"", *, checksum_error: int = 0) -> bytes:
    """Return a chunk of a PNG file."""
    checksum = zlib.crc32(kind + data) ^ checksum_error
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def with_png_chunks(*chunks: bytes, after_data: bool = False) -> bytes:
    """Return the flag as a PNG file with more chunks, before or behind the data."""
    content = encode("PNG")
    place = len(content) - 12 if after_data else 33
    return content[:place] + b"".join(chunks) + content[place:]


def riff_chunk(kind: bytes, data: bytes, length: int | None = None) -> bytes:
    """Return a chunk of a WebP file, possibly with a wrong length."""
    return kind + struct.pack("<I", len(data) if length is None else length) + data + bytes(len(data) % 2)
