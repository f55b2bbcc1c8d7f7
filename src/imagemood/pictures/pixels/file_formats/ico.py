"""Opens the largest icon of ICO files."""

from __future__ import annotations

import io
import struct

from PIL.IcoImagePlugin import IcoImageFile

from imagemood.pictures.pixels.file_formats import png
from imagemood.pictures.pixels.file_formats.opened import LazyImage, OpenedImage

_ENTRY = struct.Struct("<4B2H2I")  # width, height, number of colours, 0, planes, bits per pixel, size, offset
_COMPRESSIONS = (0, 3)  # none, and none with masks of colours
_BYTES_PER_PIXEL = 10  # the colours and the mask, before they are combined


def open_ico(content: bytes) -> OpenedImage:
    """Open the largest icon of an ICO file; of several sizes, the one with most colours.

    Raises
    ------
    ImageError
        If the icon is a PNG file that exceeds a limit.
    ValueError
        If the file is damaged.
    """
    (n_icons,) = struct.unpack_from("<H", content, 4)
    places = range(6, min(6 + n_icons * _ENTRY.size, len(content) - _ENTRY.size + 1), _ENTRY.size)
    entries = [_ENTRY.unpack_from(content, place) for place in places]
    if not entries:
        raise ValueError("it contains no image")
    entry = max(entries, key=lambda entry: ((entry[0] or 256) * (entry[1] or 256), entry[5]))
    icon = content[entry[7] : entry[7] + entry[6]]
    if icon.startswith(png.SIGNATURE):
        return png.open_png(icon)
    if len(icon) < 40 or icon[16] not in _COMPRESSIONS:
        raise ValueError("unsupported icon")
    width, height = struct.unpack_from("<II", icon, 4)
    single = b"\0\0\x01\0\x01\0" + _ENTRY.pack(*entry[:6], len(icon), 22) + icon
    # The height includes a mask.
    size = width, height // 2
    return LazyImage(
        lambda: IcoImageFile(io.BytesIO(single)), size, "RGBA", decoder_bytes=_BYTES_PER_PIXEL * size[0] * size[1]
    )
