"""Opens camera raw files, with the extra ``raw``: the embedded preview, or the developed picture."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from typing import Any

import PIL.Image

from imagemood.errors import ImageError
from imagemood.pictures.formats import RAW, has_raw
from imagemood.pictures.pixels.file_formats.jpeg import open_jpeg
from imagemood.pictures.pixels.file_formats.opened import LazyImage, OpenedImage

MIN_PREVIEW_PX = 360
"""Shortest side of an embedded preview that is used; with a smaller one, the picture is developed."""
_SIGNATURES = (
    b"FUJIFILMCCD-RAW",
    b"IIRO",  # Olympus
    b"IIRS",
    b"MMOR",
    b"IIU\0",  # Panasonic and Leica
    b"FOVb",  # Sigma
    b"\0MRM",  # Minolta
    b"II\x1a\0\0\0HEAPCCDR",  # Canon, before 2004
)
_TIFF_SIGNATURES = (b"II*\0", b"MM\0*")
_TIFF_MARKS = (b"CR\2\0", b"IIII", b"MMMM")  # Canon and Phase One, after the header of a TIFF file
_SUBDIRECTORIES, _PHOTOMETRIC, _COMPRESSION, _DNG_VERSION = 330, 262, 259, 50706
_SENSOR_COLOURS = frozenset([32803, 34892])  # a colour filter array, and linear raw
_RAW_COMPRESSIONS = frozenset([32767, 32770, 34713, 65535])  # Sony, Samsung, Nikon and Pentax
_MAX_DIRECTORIES, _MAX_TAGS = 16, 1000
_ORIENTATIONS = {3: 3, 5: 8, 6: 6}  # of LibRaw's numbers
_BYTES_PER_SENSOR_PIXEL = 6  # measured


def is_raw(content: bytes) -> bool:
    r"""Return whether a file is a camera raw file; many of them are TIFF files whose first image is a thumbnail.

    Examples
    --------
    >>> is_raw(b"FUJIFILMCCD-RAW 0201"), is_raw(b"II*\0")
    (True, False)
    """
    if content[4:12] == b"ftypcrx ":
        return True
    if not content.startswith(_TIFF_SIGNATURES):
        return content.startswith(_SIGNATURES)
    return content[8:12] in _TIFF_MARKS or _has_sensor_data(content)


def _has_sensor_data(content: bytes) -> bool:
    """Return whether a directory of a TIFF file describes the values of a sensor."""
    order = "<" if content.startswith(b"II") else ">"
    with suppress(struct.error):
        waiting = [struct.unpack_from(order + "I", content, 4)[0]]
        for _ in range(_MAX_DIRECTORIES):
            if not waiting:
                return False
            start = waiting.pop(0)
            (n_tags,) = struct.unpack_from(order + "H", content, start)
            for entry in range(start + 2, start + 2 + 12 * min(n_tags, _MAX_TAGS), 12):
                tag, kind, count = struct.unpack_from(order + "HHI", content, entry)
                (short,) = struct.unpack_from(order + "H", content, entry + 8)
                (value,) = struct.unpack_from(order + "I", content, entry + 8)
                if tag == _DNG_VERSION or (
                    kind == 3
                    and (
                        (tag == _PHOTOMETRIC and short in _SENSOR_COLOURS)
                        or (tag == _COMPRESSION and short in _RAW_COMPRESSIONS)
                    )
                ):
                    return True
                if tag == _SUBDIRECTORIES and 1 <= count <= _MAX_DIRECTORIES:
                    waiting += [value] if count == 1 else struct.unpack_from(f"{order}{count}I", content, value)
            if n_tags <= _MAX_TAGS:
                (following,) = struct.unpack_from(order + "I", content, start + 2 + 12 * n_tags)
                waiting += [following] if following else []
    return False


def open_raw(content: bytes) -> OpenedImage:
    """Open the embedded preview of a camera raw file, or the picture itself if there is no usable preview.

    The picture is developed at half of its size, with the white balance of the camera.

    Raises
    ------
    ImageError
        If the extra is not installed.
    """
    if not has_raw():
        raise ImageError("camera raw files need an extra", hint=RAW.hint)
    import rawpy  # noqa: PLC0415

    raw = rawpy.imread(io.BytesIO(content))
    orientation = _ORIENTATIONS.get(raw.sizes.flip, 1)
    preview = _preview(raw, orientation)
    if preview is not None and min(preview.size) >= MIN_PREVIEW_PX:
        return preview
    sizes = raw.sizes
    return LazyImage(
        lambda: PIL.Image.fromarray(raw.postprocess(half_size=True, use_camera_wb=True, user_flip=0)),
        (max(1, sizes.width // 2), max(1, sizes.height // 2)),
        "RGB",
        orientation=orientation,
        decoder_bytes=_BYTES_PER_SENSOR_PIXEL * sizes.raw_width * sizes.raw_height,
    )


def _preview(raw: Any, orientation: int) -> OpenedImage | None:
    """Return the embedded preview, or None if there is none that can be opened."""
    import rawpy  # noqa: PLC0415

    try:
        preview = raw.extract_thumb()
        if preview.format != rawpy.ThumbFormat.JPEG:
            return OpenedImage(PIL.Image.fromarray(preview.data), orientation=orientation)
        opened = open_jpeg(bytes(preview.data))
    except Exception:  # the picture itself may still be readable
        return None
    is_sideways = (opened.size[0] > opened.size[1]) == (raw.sizes.width > raw.sizes.height)
    if opened.orientation == 1 and orientation >= 5 and is_sideways:
        opened.orientation = orientation  # the preview does not state that it is turned
    return opened
