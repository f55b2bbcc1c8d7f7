"""Opens JPEG files, without their metadata, and decodes them at a reduced scale."""

from __future__ import annotations

import io
from typing import IO, cast

import numpy as np
import PIL.Image
from PIL import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels.file_formats.jpeg_header import END_OF_IMAGE, JpegHeader, check_scans
from imagemood.pictures.pixels.file_formats.opened import OpenedImage, parted_file

# Modes and raw modes by number of colour components. CMYK is inverted, as the programs of Adobe write it.
_MODES = {1: ("L", "L"), 3: ("RGB", "RGB"), 4: ("CMYK", "CMYK;I")}
_MAX_MISSING_SHARE = 0.1


class _JpegFile(JpegImageFile):
    """The first image of a JPEG file, opened from a header instead of by Pillow's own parser."""

    header: JpegHeader
    is_truncated = False

    def _open(self) -> None:
        content = cast("io.BytesIO", self.fp).getvalue()  # does not copy
        self.header = header = JpegHeader(content)
        if len(header.samplings) not in _MODES:
            raise ValueError(f"{len(header.samplings)} colour components are not supported")
        if header.head is not None:
            self.fp = parted_file(header.head, memoryview(content)[header.scan :])
        self._size = header.width, header.height
        self._mode, raw_mode = _MODES[len(header.samplings)]
        self.tile = [ImageFile._Tile("jpeg", (0, 0, *self._size), 0, (raw_mode, ""))]

    def load_read(self, read_bytes: int) -> bytes:
        """Return the next bytes of the file, and an end marker if there is none."""
        part = cast("IO[bytes]", self.fp).read(read_bytes)
        if part:
            if part[0] == part[-1] == 0xFF and part.count(0xFF) == len(part):
                raise ValueError("fill bytes instead of data")  # libjpeg would read them again with each part
            return part
        if self.is_truncated:
            return part
        self.is_truncated = True
        return bytes([0xFF, END_OF_IMAGE])


class _OpenedJpeg(OpenedImage):
    """A JPEG file, which can be decoded at an eighth, a quarter or half of its size."""

    image: _JpegFile

    def reduce(self, side_px: int) -> None:
        self.image.draft(None, (side_px, side_px))

    def decode(self) -> PIL.Image.Image:
        image = super().decode()
        if self.image.is_truncated:
            # libjpeg fills missing rows with grey.
            rows = np.asarray(image).reshape(image.height, -1)
            present = np.flatnonzero(((rows != 128) & (rows != 127)).any(axis=1))
            n_present = int(present[-1]) + 1 if len(present) else 0
            if n_present < (1 - _MAX_MISSING_SHARE) * image.height:
                raise ValueError(f"truncated, only {n_present / image.height:.0%} of its rows are left")
        return image


def open_jpeg(content: bytes) -> OpenedImage:
    """Open a JPEG file. A picture that lacks up to a tenth of its rows is accepted.

    Raises
    ------
    ImageError
        If the file has too many pixels, scans or segments.
    ValueError
        If the file is damaged.
    """
    image = _JpegFile(io.BytesIO(content))
    header = image.header
    if header.width * header.height > limits.MAX_JPEG_PIXELS:
        size = f"{header.width}×{header.height} pixels"
        raise ImageError(f"too large: {size}, more than {limits.MAX_JPEG_PIXELS:,} in a JPEG file")
    if len(content) < (1 - _MAX_MISSING_SHARE) * header.min_data_bytes:
        raise ValueError("truncated")
    check_scans(content, header)
    return _OpenedJpeg(
        image,
        orientation=header.orientation,
        icc_profile=header.icc_profile,
        decoder_bytes=header.coefficient_bytes,
    )
