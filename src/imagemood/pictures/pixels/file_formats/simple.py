"""Opens files in formats without metadata: BMP, DIB, QOI, SGI, PCX and TGA."""

from __future__ import annotations

import io
from importlib import import_module

from imagemood.pictures.pixels.file_formats.opened import OpenedImage

_MODULES = {"DIB": "Bmp"}
# Bits per pixel of images with a palette, in colour, and grey.
_TGA_DEPTHS = {1: (8,), 2: (16, 24, 32), 3: (1, 8, 16)}


def open_simple(content: bytes, decoder: str) -> OpenedImage:
    """Open a file with a decoder of Pillow.

    Parameters
    ----------
    content : bytes
        The content of the file.
    decoder : str
        ``BMP``, ``DIB``, ``QOI``, ``SGI``, ``PCX`` or ``TGA``.
    """
    name = decoder.capitalize()
    module = import_module(f"PIL.{_MODULES.get(decoder, name)}ImagePlugin")
    return OpenedImage(getattr(module, f"{name}ImageFile")(io.BytesIO(content)))


def is_tga(content: bytes) -> bool:
    r"""Return whether a file has a consistent header of a TGA file, which has no signature.

    Examples
    --------
    >>> is_tga(b"\0\0\x02" + bytes(9) + b"\x10\0\x10\0\x18\0" + bytes(16 * 16 * 3)), is_tga(b"text")
    (True, False)
    """
    if len(content) < 18:
        return False
    has_palette, kind, depth, flags = content[1], content[2], content[16], content[17]
    if depth not in _TGA_DEPTHS.get(kind & 7, ()) or kind & ~11 or has_palette > 1 or flags & 0xC0:
        return False
    if kind & 7 == 1 and not has_palette:
        return False
    n_pixels = int.from_bytes(content[12:14], "little") * int.from_bytes(content[14:16], "little")
    if kind & 8:  # a packet of compressed data has a byte for the length, and at most 128 pixels
        return n_pixels * (8 + depth) <= 8 * 128 * len(content)
    return n_pixels * depth <= 8 * len(content)
