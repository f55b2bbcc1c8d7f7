"""Opens the first image of WebP files, without the chunks of metadata."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import IO

from PIL.WebPImagePlugin import WebPImageFile

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels.file_formats.opened import LazyImage, OpenedImage, parted_file
from imagemood.pictures.pixels.file_formats.orientation import exif_orientation, xmp_orientation

_METADATA_FLAGS = 0x20 | 0x08 | 0x04  # ICC, EXIF and XMP
_IMAGE_CHUNKS = (b"VP8 ", b"VP8L", b"ANMF")
_IMPORTANT = re.compile(b"|".join([*_IMAGE_CHUNKS, b"ALPH", b"ANIM"]))
_BYTES_PER_PIXEL = 12  # two canvases of the decoder, and the pixels as Pillow receives them


def open_webp(content: bytes) -> OpenedImage:
    """Open the first image of a WebP file.

    Raises
    ------
    ImageError
        If the file has too many chunks.
    ValueError
        If the file is damaged.
    """
    chunks: dict[bytes, memoryview] = {}
    for kind, start, end in _chunks(content):
        chunks.setdefault(kind, memoryview(content)[start:end])
    image_kind = next((kind for kind in chunks if kind in _IMAGE_CHUNKS), None)
    if image_kind is None:
        raise ValueError("it contains no image")
    if image_kind == b"ANMF":
        chunks.setdefault(b"ANIM", memoryview(bytes(6)))
        kinds = [b"VP8X", b"ANIM", b"ANMF"]
    else:
        kinds = [b"VP8X", b"ALPH", image_kind] if b"ALPH" in chunks else [image_kind]
    orientation = exif_orientation(bytes(chunks.get(b"EXIF", b""))) or xmp_orientation(
        bytes(chunks.get(b"XMP ", b""))
    )
    size = _size(kinds[0], bytes(chunks.get(kinds[0], b"")[:10]))
    return LazyImage(
        lambda: WebPImageFile(_riff({kind: chunks[kind] for kind in kinds})),
        size,
        "RGB" if kinds == [b"VP8 "] else "RGBA",
        orientation=orientation or 1,
        icc_profile=bytes(chunks.get(b"ICCP", b"")),
        decoder_bytes=_BYTES_PER_PIXEL * size[0] * size[1],
    )


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each chunk, and where its data start and end."""
    position = 12
    for _ in range(limits.MAX_BLOCKS):
        if position + 8 > len(content):
            return
        kind, length = struct.unpack_from("<4sI", content, position)
        start, end = position + 8, position + 8 + length
        if end > len(content) and kind not in _IMAGE_CHUNKS:  # the length of a chunk is wrong
            match = _IMPORTANT.search(content, start)
            if match is None:
                return
            position = match.start()
            continue
        yield kind, start, end
        position = end + length % 2
    raise ImageError(f"too many chunks: more than {limits.MAX_BLOCKS:,}")


def _size(kind: bytes, data: bytes) -> tuple[int, int]:
    """Return the width and height that the first chunk of an image states."""
    try:
        if kind == b"VP8X":
            return int.from_bytes(data[4:7], "little") + 1, int.from_bytes(data[7:10], "little") + 1
        if kind == b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 1)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        width, height = struct.unpack_from("<HH", data, 6)
    except struct.error:
        raise ValueError("truncated") from None
    return width & 0x3FFF, height & 0x3FFF


def _riff(chunks: dict[bytes, memoryview]) -> IO[bytes]:
    if b"VP8X" in chunks:  # its flags announce the metadata
        flags = chunks[b"VP8X"][0] & ~_METADATA_FLAGS
        chunks[b"VP8X"] = memoryview(bytes([flags]) + chunks[b"VP8X"][1:10])
    parts: list[bytes | memoryview] = [b"WEBP"]
    for kind, data in chunks.items():
        parts += [kind + struct.pack("<I", len(data)), data, bytes(len(data) % 2)]
    return parted_file(b"RIFF" + struct.pack("<I", sum(map(len, parts))), *parts)
