"""Opens the first image of GIF files, without comments and other extensions."""

from __future__ import annotations

import re

from PIL.GifImagePlugin import GifImageFile

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels.file_formats.opened import OpenedImage, parted_file

_BLOCK = re.compile(rb"[!,;]")  # the first byte of an extension, an image or the trailer
_IMAGE, _TRAILER, _GRAPHIC_CONTROL = 0x2C, 0x3B, 0xF9


def open_gif(content: bytes) -> OpenedImage:
    """Open the first image of a GIF file.

    Raises
    ------
    ImageError
        If too many blocks precede the image.
    ValueError
        If the file is damaged.
    """
    try:
        screen_end = 13 + (3 << (content[10] & 7) + 1 if content[10] & 0x80 else 0)
        start, control = _first_image(content, screen_end)
    except IndexError:
        raise ValueError("it contains no image") from None
    return OpenedImage(GifImageFile(parted_file(content[:screen_end], control, memoryview(content)[start:])))


def _first_image(content: bytes, position: int) -> tuple[int, bytes]:
    """Return where the first image starts, and the extension before it that states its transparent colour."""
    control = b""
    n_blocks = 0
    while match := _BLOCK.search(content, position):
        position = match.start()
        if content[position] == _IMAGE:
            return position, control
        if content[position] == _TRAILER:
            break
        end = position + 2
        while content[end]:
            end += 1 + content[end]
            n_blocks += 1
            if n_blocks > limits.MAX_BLOCKS:
                raise ImageError(f"too many blocks before the image: more than {limits.MAX_BLOCKS:,}")
        if content[position + 1] == _GRAPHIC_CONTROL and content[position + 2] >= 4:
            control = content[position : end + 1]
        position = end + 1
    raise ValueError("it contains no image")
