"""Opens the first page of TIFF files with the tags that describe its pixels; no other tag can prevent decoding."""

from __future__ import annotations

import ctypes
import struct
from contextlib import suppress
from typing import IO, Any, NamedTuple

from PIL import _imaging
from PIL.TiffImagePlugin import TiffImageFile

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels.file_formats.opened import OpenedImage, parted_file
from imagemood.pictures.pixels.file_formats.orientation import xmp_orientation

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _STRIP_OFFSETS, _SAMPLES, _ROWS_PER_STRIP = 256, 257, 258, 259, 273, 277, 278
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS = 322, 323, 324
_ORIENTATION, _XMP, _ICC_PROFILE = 274, 700, 34675
_PIXEL_TAGS = frozenset(
    [
        *[_WIDTH, _HEIGHT, _BITS, _COMPRESSION, 262, 266, _STRIP_OFFSETS, _SAMPLES, _ROWS_PER_STRIP, 279, 284],
        *[292, 293, 317, 320, _TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, 325, 326, 327, 328, 338, 339],
        *[347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 50674, 50675],
    ]
)
"""The tags that decoders need: sizes, compression, and where the strips and tiles are."""
_TYPE_BYTES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_UNCOMPRESSED = 1
_MAX_XMP_BYTES = 1 << 20
_INTEGERS = {1: "B", 3: "H", 4: "I", 16: "Q"}


# libtiff writes its errors and warnings to the standard error stream, unless its handlers are removed. They are
# found through Pillow's extension module, because libtiff is part of Pillow's wheels.
with suppress(AttributeError, OSError):  # libtiff is linked in another way; its messages then appear
    _pillow = ctypes.CDLL(_imaging.__file__)
    for _set_handler in (_pillow.TIFFSetErrorHandler, _pillow.TIFFSetWarningHandler):
        _set_handler.argtypes, _set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
        _set_handler(None)


class _Entry(NamedTuple):
    """An entry of the directory of tags."""

    content: bytes
    kind: int
    n_values: int
    start: int  # of the values in the file


class _Directory:
    """The tags of the first page of a TIFF or BigTIFF file."""

    def __init__(self, file: bytes) -> None:
        self.file = file
        self.order = "<" if file.startswith(b"II") else ">"
        self.is_big = file[2:4] in {b"+\0", b"\0+"}
        # The number of entries; an entry (tag, type, number of values, values or their offset); an offset.
        self.count_format, self.entry_format, self.offset_format = (
            ("Q", "HHQ8s", "Q") if self.is_big else ("H", "HHI4s", "I")
        )
        self.entries: dict[int, _Entry] = {}
        (start,) = self._unpack(self.offset_format, 8 if self.is_big else 4)
        (n_entries,) = self._unpack(self.count_format, start)
        if n_entries > limits.MAX_BLOCKS:
            raise ImageError(f"too many tags: more than {limits.MAX_BLOCKS:,}")
        size = struct.calcsize("<" + self.entry_format)
        first = start + struct.calcsize("<" + self.count_format)
        for position in range(first, min(first + n_entries * size, len(file) - size + 1), size):
            tag, kind, count, value = self._unpack(self.entry_format, position)
            is_inline = count * _TYPE_BYTES.get(kind, 1) <= len(value)
            (offset,) = struct.unpack(self.order + self.offset_format, value)
            values = position + size - len(value) if is_inline else offset
            self.entries.setdefault(tag, _Entry(file[position : position + size], kind, count, values))

    def _unpack(self, layout: str, position: int) -> tuple[Any, ...]:
        try:
            return struct.unpack_from(self.order + layout, self.file, position)
        except struct.error:
            raise ValueError("truncated") from None

    def number(self, tag: int, default: int = 0) -> int:
        """Return the first number of a tag, or a default."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _INTEGERS or not entry.n_values:
            return default
        return int(self._unpack(_INTEGERS[entry.kind], entry.start)[0])

    def data(self, tag: int, max_bytes: int) -> bytes:
        """Return the bytes of a tag; empty if there is no such tag, or it has other values."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in {1, 7} or entry.n_values > max_bytes:
            return b""
        return self.file[entry.start : entry.start + entry.n_values]

    def pixels_file(self) -> IO[bytes]:
        """Return the file with the tags of the pixels only, without other pages."""
        tags = [entry.content for tag, entry in sorted(self.entries.items()) if tag in _PIXEL_TAGS]
        directory = struct.pack(self.order + self.count_format, len(tags)) + b"".join(tags)
        start = len(self.file) + len(self.file) % 2
        head_size = 8 if self.is_big else 4
        return parted_file(
            self.file[:head_size] + struct.pack(self.order + self.offset_format, start),
            memoryview(self.file)[head_size + struct.calcsize("<" + self.offset_format) :],
            bytes(len(self.file) % 2),
            directory + bytes(struct.calcsize("<" + self.offset_format)),
        )

    def decoder_bytes(self) -> int:
        """Return the memory for a strip or a tile, and for a copy of the file."""
        if self.number(_COMPRESSION, 1) == _UNCOMPRESSED:
            return 0
        width, height = self.number(_WIDTH), self.number(_HEIGHT)
        if _TILE_OFFSETS in self.entries:
            n_pixels = self.number(_TILE_WIDTH) * self.number(_TILE_HEIGHT)
        else:
            n_pixels = width * min(height, self.number(_ROWS_PER_STRIP, height))
        sample_bits = max(8, self.number(_BITS, 8))
        pixel_bytes = max(4, self.number(_SAMPLES, 1) * sample_bits // 8)
        return n_pixels * pixel_bytes + len(self.file)


def open_tiff(content: bytes) -> OpenedImage:
    """Open the first page of a TIFF file.

    Raises
    ------
    ImageError
        If the page has too many tags, strips or tiles.
    ValueError
        If the file is damaged.
    """
    directory = _Directory(content)
    for tag in (_STRIP_OFFSETS, _TILE_OFFSETS):
        if tag in directory.entries and directory.entries[tag].n_values > limits.MAX_BLOCKS:
            raise ImageError(f"too many strips or tiles: more than {limits.MAX_BLOCKS:,}")
    orientation = directory.number(_ORIENTATION)
    if not 1 <= orientation <= 8:
        orientation = xmp_orientation(directory.data(_XMP, _MAX_XMP_BYTES)) or 1
    return OpenedImage(
        TiffImageFile(directory.pixels_file()),
        orientation=orientation,
        icc_profile=directory.data(_ICC_PROFILE, limits.MAX_PROFILE_BYTES),
        decoder_bytes=directory.decoder_bytes(),
    )
