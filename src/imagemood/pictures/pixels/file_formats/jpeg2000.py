"""Opens JPEG 2000 files without metadata, at a reduced resolution where possible."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, cast

from PIL import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels.file_formats.jpeg2000_header import CODESTREAM, CodestreamHeader
from imagemood.pictures.pixels.file_formats.opened import OpenedImage, parted_file

SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_FILE_TYPE = b"\0\0\0\x14ftypjp2 \0\0\0\0jp2 "
_HEADER_BOXES = frozenset([b"ihdr", b"bpcc", b"colr", b"pclr", b"cmap", b"cdef"])
_EMBEDDED_PROFILE = (b"\x02", b"\x03")  # methods of a colr box
_BYTES_PER_SAMPLE = 6  # the integers of the decoder, and its buffer


class _OpenedJpeg2000(OpenedImage):
    """A JPEG 2000 file, which can be decoded at half of its size, a quarter, and so on."""

    image: Jpeg2KImageFile
    header: CodestreamHeader

    @property
    def decoder_bytes(self) -> int:
        width, height = self.size
        return _BYTES_PER_SAMPLE * len(self.mode) * width * height + self.header.decoder_bytes

    def reduce(self, side_px: int) -> None:
        # A reduced resolution is less smooth than that of JPEG, so this one is at least twice as large as needed.
        n_halvings = max(0, min(self.header.n_levels, (min(self.size) // (2 * side_px)).bit_length() - 1))
        # Pillow's attribute `reduce` rounds sizes down, which the decoder rejects.
        width, height = (-(-side >> n_halvings) for side in self.size)
        name, _, offset, arguments = self.image.tile[0]
        codec, _, *others = cast("tuple[Any, ...]", arguments)
        self.image._size = width, height
        self.image.tile = [ImageFile._Tile(name, (0, 0, width, height), offset, (codec, n_halvings, *others))]


def open_jpeg2000(content: bytes) -> OpenedImage:
    """Open a JPEG 2000 file or codestream.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    header: dict[bytes, bytes] = {}
    if content.startswith(CODESTREAM):
        codestream = memoryview(content)
        file = parted_file(codestream)
    else:
        header, codestream = _parts(content)
        boxes = b"".join(_box(kind, data) for kind, data in header.items() if kind in _HEADER_BOXES)
        start = SIGNATURE + _FILE_TYPE + _box(b"jp2h", boxes) + struct.pack(">I", len(codestream) + 8) + b"jp2c"
        file = parted_file(start, codestream)
    colour = header.get(b"colr", b"")
    profile = colour[3:] if colour[:1] in _EMBEDDED_PROFILE else None
    codestream_header = CodestreamHeader(codestream)
    opened = _OpenedJpeg2000(Jpeg2KImageFile(file), icc_profile=profile)
    opened.header = codestream_header
    return opened


def _parts(content: bytes) -> tuple[dict[bytes, bytes], memoryview]:
    """Return the boxes in the header of a JP2 file, and the codestream."""
    header: dict[bytes, bytes] = {}
    for kind, start, end in _boxes(content, 0, len(content)):
        if kind == b"jp2h":
            for header_kind, header_start, header_end in _boxes(content, start, end):
                header.setdefault(header_kind, content[header_start:header_end])
        elif kind == b"jp2c":
            return header, memoryview(content)[start:end]
    raise ValueError("it contains no image")


def _boxes(content: bytes, position: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each box, and where its data start and end."""
    for _ in range(limits.MAX_BLOCKS):
        if position + 8 > stop:
            return
        length, kind = struct.unpack_from(">I4s", content, position)
        start = position + 8
        if length == 1 and start + 8 <= stop:
            (length,) = struct.unpack_from(">Q", content, start)
            start += 8
        end = position + length if length else stop
        if end < start or (end > stop and kind != b"jp2c"):  # the length of a box is wrong
            resume = content.find(b"jp2c" + CODESTREAM, position + 8, stop)
            if resume < 0:
                return
            position = resume - 4
            continue
        yield kind, start, min(end, stop)
        position = end


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", 8 + len(data)) + kind + data
