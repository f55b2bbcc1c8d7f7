"""Opens JPEG files; metadata that Pillow would interpret are skipped, and only the first image is decoded."""

from __future__ import annotations

import io
import re
from typing import cast

import numpy as np
import PIL.Image
from PIL import ImageFile
from PIL.JpegImagePlugin import JpegImageFile

from imagemood.errors import ImageError
from imagemood.pictures import decoding_limits as limits
from imagemood.pictures.file_formats.opened import OpenedImage
from imagemood.pictures.file_formats.orientation import exif_orientation, xmp_orientation

_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_RAW_MODES = {"L": "L", "RGB": "RGB", "CMYK": "CMYK;I"}  # CMYK is inverted, as the programs of Adobe write it
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset([0xC2, 0xC6, 0xCA, 0xCE])
_WITHOUT_LENGTH = frozenset([0x01, *range(0xD0, 0xD9)])
_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_MARKER_AFTER_SCAN = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
_EXIF, _XMP, _ICC = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"
_MAX_MISSING_SHARE = 0.1


class _JpegFile(JpegImageFile):
    """The first image of a JPEG file."""

    def _open(self) -> None:
        self.content = cast("io.BytesIO", self.fp).getvalue()  # does not copy
        self.orientation: int | None = None
        self.orientation_in_xmp: int | None = None
        self.profile_parts: dict[int, bytes] = {}
        self.is_truncated = False
        try:
            self._read_segments()
        except IndexError:
            raise ValueError("truncated") from None
        self.tile = [ImageFile._Tile("jpeg", (0, 0, *self._size), 0, (_RAW_MODES[self._mode], ""))]

    def _read_segments(self) -> None:
        content, position = self.content, 2
        for _ in range(limits.MAX_BLOCKS):
            if content[position] == 0xFF and 0 < content[position + 1] < 0xFF:
                marker, position = content[position + 1], position + 2
            elif match := _MARKER.search(content, position):  # after fill bytes or garbage
                marker, position = match[1][0], match.end()
            else:
                break
            if marker in _WITHOUT_LENGTH:
                continue
            if marker == _END_OF_IMAGE:
                break
            start, end = position + 2, position + (content[position] << 8 | content[position + 1])
            if marker == _START_OF_SCAN:
                self.scans_start = end
                self.has_several_scans = self.is_progressive or content[start] < len(self.samplings)
                return
            if marker in _START_OF_FRAME:
                self._read_frame(marker, content[start:end])
            elif marker in {0xE1, 0xE2}:
                self._read_metadata(marker, start, end)
            position = end
        raise ValueError("it contains no image")

    def _read_frame(self, marker: int, frame: bytes) -> None:
        if frame[0] != 8:
            raise ValueError(f"{frame[0]} bits per colour are not supported")
        self._size = frame[3] << 8 | frame[4], frame[1] << 8 | frame[2]
        if frame[5] not in _MODES:
            raise ValueError(f"{frame[5]} colour components are not supported")
        self._mode = _MODES[frame[5]]
        self.samplings = [(frame[i] >> 4, frame[i] & 15) for i in range(7, 7 + 3 * frame[5], 3)]
        self.is_progressive = marker in _PROGRESSIVE
        self.is_arithmetic = marker > 0xC8

    def _read_metadata(self, marker: int, start: int, end: int) -> None:
        content = self.content
        if marker == 0xE2 and content.startswith(_ICC, start) and end - start > 14:
            self.profile_parts.setdefault(content[start + 12], content[start + 14 : end])
        elif content.startswith(_EXIF, start):
            self.orientation = self.orientation or exif_orientation(content[start:end])
        elif content.startswith(_XMP, start):
            self.orientation_in_xmp = self.orientation_in_xmp or xmp_orientation(content[start:end])

    def load_read(self, read_bytes: int) -> bytes:
        """Return the next bytes of the file, and an end marker if there is none."""
        part = cast("io.BytesIO", self.fp).read(read_bytes)
        if part or self.is_truncated:
            return part
        self.is_truncated = True
        return bytes([0xFF, _END_OF_IMAGE])


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
        If the file has too many pixels or scans.
    ValueError
        If the file is damaged.
    """
    image = _JpegFile(io.BytesIO(content))
    width, height = image.size
    if width * height > limits.MAX_JPEG_PIXELS:
        raise ImageError(
            f"too large: {width}×{height} pixels, more than {limits.MAX_JPEG_PIXELS:,} in a JPEG file"
        )
    # Each 8×8 block takes at least one bit, and in a baseline file one more.
    n_bits = (1 if image.is_progressive else 2) * (width // 8) * (height // 8)
    if not image.is_arithmetic and 8 * len(content) < (1 - _MAX_MISSING_SHARE) * n_bits:
        raise ValueError("truncated")
    if image.has_several_scans:
        _check_scans(content, image.scans_start, width * height)
    return _OpenedJpeg(
        image,
        orientation=image.orientation or image.orientation_in_xmp or 1,
        icc_profile=b"".join(part for _, part in sorted(image.profile_parts.items())),
        decoder_bytes=_coefficient_bytes(image),
    )


def _coefficient_bytes(image: _JpegFile) -> int:
    """Return the memory in which libjpeg keeps all coefficients of an image of several scans."""
    if not image.has_several_scans:
        return 0
    across, down = max(x for x, _ in image.samplings), max(y for _, y in image.samplings)
    n_units = -(-image.width // (8 * across)) * -(-image.height // (8 * down))
    return 2 * 64 * n_units * sum(x * y for x, y in image.samplings)


def _check_scans(content: bytes, start: int, n_pixels: int) -> None:
    limit = min(limits.MAX_JPEG_SCANS, limits.MAX_JPEG_SCANNED_PIXELS // n_pixels)
    marker = bytes([0xFF, _START_OF_SCAN])
    if (
        content.count(marker, start) < limit
    ):  # fast; metadata and files behind the image may contain the marker, too
        return
    n_scans, position = 1, start
    for _ in range(limits.MAX_BLOCKS):
        match = _MARKER_AFTER_SCAN.search(content, position)
        if match is None or match[1][0] == _END_OF_IMAGE:
            return
        position = match.end() + int.from_bytes(content[match.end() : match.end() + 2])
        n_scans += match[1][0] == _START_OF_SCAN
        if n_scans > limit:
            break
    raise ImageError(f"too many scans for a JPEG file of {n_pixels:,} pixels: more than {limit}")
