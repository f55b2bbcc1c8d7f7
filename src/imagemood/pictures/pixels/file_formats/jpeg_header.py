"""Reads the segments of a JPEG file that precede its image data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding_limits as limits
from imagemood.pictures.pixels.file_formats.orientation import exif_orientation, xmp_orientation

END_OF_IMAGE = 0xD9
_START_OF_SCAN, _RESTART_0, _START_OF_IMAGE, _APP1, _APP2 = 0xDA, 0xD0, 0xD8, 0xE1, 0xE2
_BASELINE = 0xC0
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset([0xC2, 0xC6, 0xCA, 0xCE])
_IMAGE_SEGMENTS = _START_OF_FRAME | {0xC4, 0xCC, 0xDB, 0xDD, 0xE0, 0xEE}  # tables, and how colours are encoded
_METADATA = frozenset([*range(0xE1, 0xF0), 0xFE])
_WITHOUT_LENGTH = frozenset([0x01, *range(_RESTART_0, _START_OF_IMAGE + 1)])
_MARKER = re.compile(rb"\xff([^\x00\xff])")
_MARKER_AFTER_SCAN = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
_EXIF, _XMP, _ICC = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"
_MAGIC = b"\xff\xd8\xff"
_LUMA_SAMPLINGS = frozenset((x, y) for x in (1, 2) for y in (1, 2))
MAX_SMALL_PIXELS, MAX_SMALL_BYTES = 2**20, 500_000
"""Largest width × height, and largest size, of files that `is_small_and_simple` accepts."""
_MAX_SIMPLE_SEGMENTS, _MAX_SIMPLE_HEAD_BYTES = 32, 65_536
_MAX_GARBAGE_BYTES = 1 << 16  # before a segment


class JpegHeader:
    """The segments that precede the image data of a JPEG file.

    Parameters
    ----------
    content : bytes
        The content of the file.
    max_segments : int
        Largest number of segments.

    Attributes
    ----------
    width, height : int
        The size in pixels.
    samplings : list of (int, int)
        The horizontal and vertical sampling factor of each colour component.
    is_baseline, is_progressive, is_arithmetic : bool
        How the data are coded.
    has_several_scans : bool
        Whether the first scan contains only a part of the data, so that libjpeg keeps all of them in memory.
    orientation : int
        The EXIF orientation, from 1 to 8.
    icc_profile : bytes
        The ICC profile; empty if there is none.
    head : bytes or None
        The segments that a decoder needs, if it would stumble over what stands between them.
    scan : int
        Where the first scan starts.

    Raises
    ------
    ValueError
        If the file is damaged.
    ImageError
        If it has more segments.
    """

    def __init__(self, content: bytes, *, max_segments: int = limits.MAX_BLOCKS) -> None:
        self.samplings: list[tuple[int, int]] = []
        self.is_baseline = self.is_progressive = self.is_arithmetic = False
        self.orientation = 0
        self._orientation_in_xmp = 0
        self._profile_parts: dict[int, bytes] = {}
        try:
            self._read(content, max_segments)
        except IndexError:
            raise ValueError("truncated") from None
        if not self.samplings:
            raise ValueError("it contains no image")
        self.orientation = self.orientation or self._orientation_in_xmp or 1
        self.icc_profile = b"".join(part for _, part in sorted(self._profile_parts.items()))

    def _read(self, content: bytes, max_segments: int) -> None:
        image_segments = [content[:2]]
        is_regular, expected_start = True, 2
        for marker, start, end in _segments(content, max_segments):
            is_regular &= start == expected_start
            expected_start = end
            if marker == _START_OF_SCAN:
                self.scan, self.data = start, end
                self.has_several_scans = self.is_progressive or content[start + 4] < len(self.samplings)
                self.head = None if is_regular else b"".join(image_segments)
                return
            if marker in _IMAGE_SEGMENTS:
                image_segments.append(content[start:end])
                if marker in _START_OF_FRAME:
                    self._read_frame(marker, content[start + 4 : end])
            elif marker in _METADATA:
                self._read_metadata(marker, content[start + 4 : end])
            else:
                is_regular = False
        raise ValueError("it contains no image")

    def _read_frame(self, marker: int, frame: bytes) -> None:
        if frame[0] != 8:
            raise ValueError(f"{frame[0]} bits per colour are not supported")
        self.height, self.width = frame[1] << 8 | frame[2], frame[3] << 8 | frame[4]
        self.samplings = [(frame[i] >> 4, frame[i] & 15) for i in range(7, 7 + 3 * frame[5], 3)]
        self.is_baseline = marker == _BASELINE
        self.is_progressive = marker in _PROGRESSIVE
        self.is_arithmetic = marker > 0xC8

    def _read_metadata(self, marker: int, data: bytes) -> None:
        if marker == _APP2:
            if data.startswith(_ICC) and len(data) > 14:
                self._profile_parts.setdefault(data[12], data[14:])
        elif marker == _APP1:
            if data.startswith(_EXIF):
                self.orientation = self.orientation or exif_orientation(data) or 0
            elif data.startswith(_XMP):
                self._orientation_in_xmp = self._orientation_in_xmp or xmp_orientation(data) or 0

    @property
    def coefficient_bytes(self) -> int:
        """The memory in which libjpeg keeps the coefficients of an image of several scans."""
        if not self.has_several_scans:
            return 0
        across, down = max(x for x, _ in self.samplings), max(y for _, y in self.samplings)
        n_units = -(-self.width // (8 * across)) * -(-self.height // (8 * down))
        return 2 * 64 * n_units * sum(x * y for x, y in self.samplings)

    @property
    def min_data_bytes(self) -> int:
        """The smallest size of the data: each 8×8 block takes at least one bit, and in a baseline file two."""
        bits_per_block = 0 if self.is_arithmetic else 1 if self.is_progressive else 2
        return bits_per_block * (self.width // 8) * (self.height // 8) // 8


def is_small_and_simple(content: bytes) -> bool:
    """Return whether a file is a small baseline JPEG file with a single scan and without a colour profile.

    Most thumbnails are. Decoding takes less than 20 ms, whatever the file contains, and uses only those parts of
    libjpeg that all programs use. The data may nevertheless be damaged.

    Examples
    --------
    >>> import io
    >>> import PIL.Image
    >>> simple, progressive = io.BytesIO(), io.BytesIO()
    >>> PIL.Image.new("RGB", (32, 16)).save(simple, "JPEG")
    >>> PIL.Image.new("RGB", (32, 16)).save(progressive, "JPEG", progressive=True)
    >>> is_small_and_simple(simple.getvalue()), is_small_and_simple(progressive.getvalue())
    (True, False)
    """
    if len(content) > MAX_SMALL_BYTES or not content.startswith(_MAGIC):
        return False
    try:
        header = JpegHeader(content[:_MAX_SIMPLE_HEAD_BYTES], max_segments=_MAX_SIMPLE_SEGMENTS)
    except (ImageError, ValueError):
        return False
    luma, *chroma = header.samplings
    has_usual_colours = luma in _LUMA_SAMPLINGS and chroma in ([], [(1, 1), (1, 1)])
    is_simple = header.is_baseline and not header.has_several_scans and header.head is None
    is_small = 0 < header.width * header.height <= MAX_SMALL_PIXELS
    return is_simple and is_small and has_usual_colours and not header.icc_profile


def _segments(content: bytes, max_segments: int) -> Iterator[tuple[int, int, int]]:
    """Yield the marker, the start and the end of each segment, up to that of the first scan."""
    position = 2
    for _ in range(max_segments):
        start = position
        if content[start] == 0xFF and 0 < content[start + 1] < 0xFF:
            marker = content[start + 1]
        elif match := _MARKER.search(content, start, start + _MAX_GARBAGE_BYTES):  # after fill bytes or garbage
            marker, start = match[1][0], match.end() - 2
        else:
            return
        position = start + 2
        if marker in _WITHOUT_LENGTH:
            continue
        if marker == END_OF_IMAGE:
            return
        position += content[position] << 8 | content[position + 1]
        yield marker, start, position
    raise ImageError(f"too many segments: more than {max_segments:,}")


def check_scans(content: bytes, header: JpegHeader) -> None:
    """Raise `ImageError` if a file has too many scans for its size."""
    if not header.has_several_scans:
        return
    n_pixels = header.width * header.height
    limit = min(limits.MAX_JPEG_SCANS, limits.MAX_JPEG_SCANNED_PIXELS // max(1, n_pixels))
    marker = bytes([0xFF, _START_OF_SCAN])
    if (
        content.count(marker, header.data) < limit
    ):  # fast; other files behind the image may contain the marker, too
        return
    n_scans, position = 1, header.data
    for _ in range(limits.MAX_BLOCKS):
        match = _MARKER_AFTER_SCAN.search(content, position)
        if match is None or match[1][0] == END_OF_IMAGE:
            return
        position = match.end() + int.from_bytes(content[match.end() : match.end() + 2])
        n_scans += match[1][0] == _START_OF_SCAN
        if n_scans > limit:
            break
    raise ImageError(f"too many scans for a JPEG file of {n_pixels:,} pixels: more than {limit}")
