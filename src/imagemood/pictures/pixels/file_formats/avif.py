"""Opens AVIF files without their EXIF metadata, of which the file itself repeats the orientation."""

from __future__ import annotations

import struct

from PIL.AvifImagePlugin import AvifImageFile

from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels.file_formats.opened import OpenedImage, parted_file
from imagemood.pictures.pixels.file_formats.orientation import exif_orientation

_BYTES_PER_PIXEL = 10  # measured


def open_avif(content: bytes) -> OpenedImage:
    """Open the first image of an AVIF file."""
    start, end = _metadata(content)
    names = content[start:end].replace(b"Exif", b"skip")  # the type of an item; the decoder ignores unknown ones
    image = AvifImageFile(parted_file(memoryview(content)[:start], names, memoryview(content)[end:]))
    # Pillow returns the rotation that the file demands as EXIF metadata.
    return OpenedImage(
        image,
        orientation=exif_orientation(image.info.get("exif", b"")) or 1,
        icc_profile=image.info.get("icc_profile"),
        decoder_bytes=_BYTES_PER_PIXEL * image.width * image.height,
    )


def _metadata(content: bytes) -> tuple[int, int]:
    """Return where the box of metadata starts and ends."""
    position = 0
    for _ in range(limits.MAX_BLOCKS):
        if position + 8 > len(content):
            break
        length, kind = struct.unpack_from(">I4s", content, position)
        if kind == b"meta":
            return position, position + length
        if length < 8:  # the box reaches to the end of the file, or is damaged
            break
        position += length
    return 0, 0
