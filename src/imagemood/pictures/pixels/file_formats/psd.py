"""Opens the merged image of Photoshop files, without their resources and layers."""

from __future__ import annotations

import struct

from PIL.PsdImagePlugin import PsdImageFile

from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels.file_formats.opened import OpenedImage, parted_file

_HEADER_BYTES = 26
_ICC_PROFILE = 1039


def open_psd(content: bytes) -> OpenedImage:
    """Open the merged image of a Photoshop file.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        colours_end = _section_end(content, _HEADER_BYTES)
        resources_end = _section_end(content, colours_end)
        layers_end = _section_end(content, resources_end)
    except struct.error:
        raise ValueError("truncated") from None
    # The number of bytes of the resources, and of the layers, is 0.
    file = parted_file(content[:colours_end], bytes(8), memoryview(content)[layers_end:])
    return OpenedImage(PsdImageFile(file), icc_profile=_profile(content[colours_end + 4 : resources_end]))


def _section_end(content: bytes, start: int) -> int:
    return start + 4 + int(struct.unpack_from(">I", content, start)[0])


def _profile(resources: bytes) -> bytes | None:
    """Return the ICC profile among the resources, each of which has a signature, a number, a name and data."""
    position = 0
    for _ in range(limits.MAX_BLOCKS):
        if position + 7 > len(resources) or not resources.startswith(b"8BIM", position):
            break
        number = int.from_bytes(resources[position + 4 : position + 6])
        start = position + 6 + (resources[position + 6] + 2) // 2 * 2 + 4  # names are padded to an even length
        length = int.from_bytes(resources[start - 4 : start])
        if number == _ICC_PROFILE:
            return resources[start : start + length]
        position = start + length + length % 2
    return None
