"""Opens PNG files from their critical chunks, so that no other chunk can prevent decoding."""

from __future__ import annotations

import binascii
import re
import struct
import zlib
from collections.abc import Iterator

from PIL.PngImagePlugin import PngImageFile

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels import png_colours
from imagemood.pictures.pixels.file_formats.opened import OpenedImage, parted_file
from imagemood.pictures.pixels.file_formats.orientation import exif_orientation, xmp_orientation

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_IMPORTANT = re.compile(rb"PLTE|tRNS|IDAT")
_COLOUR_CHUNKS = frozenset([b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP"])
_TEXT_CHUNKS = frozenset([b"tEXt", b"zTXt", b"iTXt"])
_GREY, _RGB, _PALETTE = 0, 2, 3
_MAX_TEXTS = 100
_MAX_TEXT_BYTES = 1 << 16  # the orientation stands at the beginning of EXIF and XMP metadata


def open_png(content: bytes) -> OpenedImage:
    """Open the default image of a PNG file.

    Raises
    ------
    ImageError
        If the file has too many chunks.
    ValueError
        If the file is damaged.
    """
    head = palette = b""
    start = stop = 0
    metadata: dict[bytes, bytes] = {}
    orientations: list[int | None] = []
    for kind, position, end in _chunks(content):
        if kind == b"IDAT":
            start = start or position
            if stop in {0, position}:
                stop = end
        elif kind == b"IHDR" and not head:
            head = content[position:end]
        elif kind == b"PLTE" and head[17:18] == bytes([_PALETTE]):  # in other images, it is only a suggestion
            palette = content[position:end]
        elif kind in _COLOUR_CHUNKS or kind == b"tRNS":
            metadata.setdefault(kind, content[position + 8 : end - 4])
        elif kind == b"eXIf":
            orientations.insert(0, exif_orientation(content[position + 8 : end - 4]))
        elif kind in _TEXT_CHUNKS and len(orientations) < _MAX_TEXTS:
            orientations.append(_orientation_in_text(kind, content[position + 8 : end - 4]))
    if not head or not start:
        raise ValueError("it contains no image")
    transparency = _transparency(head, metadata.get(b"tRNS", b""))
    data = memoryview(content)[start:stop]
    is_truncated = stop > len(content)
    image = PngImageFile(parted_file(SIGNATURE, head, palette, transparency, data, b"" if is_truncated else _END))
    return OpenedImage(
        image,
        orientation=next(filter(None, orientations), 1),
        icc_profile=png_colours.profile(metadata),
    )


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind, the start and the end of each chunk. The last one may end behind the end of the file."""
    position = len(SIGNATURE)
    for _ in range(limits.MAX_BLOCKS):
        if position + 8 > len(content):
            return
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        if kind != b"IDAT" and (end > len(content) or not kind.isalpha()):  # the length of a chunk is wrong
            match = _IMPORTANT.search(content, position + 5)
            if match is None:
                return
            position = match.start() - 4
            continue
        yield kind, position, end
        if kind == b"IEND":
            return
        position = end
    raise ImageError(f"too many chunks: more than {limits.MAX_BLOCKS:,}")


def _transparency(header: bytes, data: bytes) -> bytes:
    """Return the chunk of transparent colours with a valid checksum, or nothing if it does not fit the image."""
    colour_type = header[17] if len(header) > 17 else None
    is_valid = (
        (colour_type == _GREY and len(data) >= 2)
        or (colour_type == _RGB and len(data) >= 6)
        or (colour_type == _PALETTE and 1 <= len(data) <= 256)
    )
    if not is_valid:
        return b""
    chunk = b"tRNS" + data
    return struct.pack(">I", len(data)) + chunk + struct.pack(">I", zlib.crc32(chunk))


def _orientation_in_text(kind: bytes, data: bytes) -> int | None:
    """Return the orientation in XMP metadata, or in EXIF metadata as ImageMagick writes them."""
    key, _, text = data.partition(b"\0")
    if kind == b"iTXt" and key == b"XML:com.adobe.xmp":
        is_compressed, xmp = text[:1] == b"\x01", text[2:].split(b"\0", 2)[-1]
        return xmp_orientation(_decompressed(xmp) if is_compressed else xmp[:_MAX_TEXT_BYTES])
    if key in {b"Raw profile type exif", b"Raw profile type APP1"}:
        text = _decompressed(text[1:]) if kind == b"zTXt" else text[:_MAX_TEXT_BYTES]
        digits = b"".join(text.split()[2:])  # after the name and the length
        try:
            return exif_orientation(binascii.unhexlify(digits[: len(digits) // 2 * 2]))
        except ValueError:
            return None
    return None


def _decompressed(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MAX_TEXT_BYTES)
    except zlib.error:
        return b""
