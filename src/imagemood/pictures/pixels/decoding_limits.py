"""Limits on decoding pictures. Each is checked before the pixels are decoded; docs/pictures.md lists them."""

from __future__ import annotations

from imagemood.errors import ImageError

MIN_SIDE_PX = 8
"""Shortest side of a picture; in a smaller one nothing can be recognised."""
MAX_ASPECT_RATIO = 50
"""Largest ratio of the longer side to the shorter one."""
MAX_PIXELS = 178_956_970
"""Largest width × height that is decoded; beyond it, Pillow assumes a decompression bomb.

JPEG and JPEG 2000 files are decoded at a reduced scale, so the picture in the file may be larger.
"""
MAX_JPEG_PIXELS = 1_000_000_000
"""Largest width × height of a JPEG file, whatever the scale: its data has to be read completely."""
MAX_JPEG_SCANS = 100
"""Largest number of scans of a JPEG file; encoders write about ten."""
MAX_JPEG_SCANNED_PIXELS = 2_000_000_000
"""Largest number of scans × pixels of a progressive JPEG file, because each scan visits the whole picture."""
MAX_JPEG2000_PRECINCTS = 500_000
"""Largest number of precincts of a JPEG 2000 file: parts of resolutions of components of tiles."""
MAX_MEMORY_BYTES = 1_000_000_000
"""Largest estimate of the memory that decoding takes."""
MAX_SMALL_FILE_MEMORY_BYTES = 300_000_000
"""Largest estimate for a file that is too small to contain a large photo …"""
MAX_MEMORY_PER_BYTE = 4_000
"""… which is one whose memory, divided by the size of the file, exceeds this number."""
MAX_PROFILE_BYTES = 1 << 22
"""Largest ICC profile; a larger one is ignored."""
MAX_BLOCKS = 100_000
"""Largest number of segments, chunks, strips, tiles or frames that are read one by one."""
MAX_SLOW_BYTES = 2_000_000
"""Largest file in a format whose decoder is written in Python: QOI, compressed BMP, and PNM as text."""
MAX_SLOW_PIXELS = 4_000_000
"""Largest width × height in these formats."""
_SLOW_DECODERS = frozenset(["qoi", "bmp_rle", "ppm_plain", "ppm"])  # Pillow's names


def check_shape(size: tuple[int, int]) -> None:
    """Raise `ImageError` if a picture is too small or too elongated to be recognised."""
    width, height = size
    if min(size) < MIN_SIDE_PX:
        raise ImageError(f"too small: {width}×{height} pixels, less than {MIN_SIDE_PX}×{MIN_SIDE_PX}")
    if max(size) > MAX_ASPECT_RATIO * min(size):
        raise ImageError(f"too elongated: {width}×{height} pixels, more than {MAX_ASPECT_RATIO} to 1")


def check_pixels(size: tuple[int, int], max_pixels: int = MAX_PIXELS) -> None:
    """Raise `ImageError` if the size at which a picture will be decoded exceeds a limit."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise ImageError(f"too large: more than {MAX_PIXELS:,} pixels")
    if width * height > max_pixels:
        raise ImageError(f"too large: {width}×{height} pixels, more than {max_pixels:,}")


def check_decoder(decoder: str, size: tuple[int, int], file_bytes: int) -> None:
    """Raise `ImageError` if a decoder that is written in Python would take long."""
    if decoder in _SLOW_DECODERS and (file_bytes > MAX_SLOW_BYTES or size[0] * size[1] > MAX_SLOW_PIXELS):
        raise ImageError(
            f"too large for its format: more than {MAX_SLOW_BYTES:,} bytes or {MAX_SLOW_PIXELS:,} pixels",
            hint="convert it to PNG",
        )


def check_memory(n_bytes: int, file_bytes: int) -> None:
    """Raise `ImageError` if an estimate of memory exceeds the limit for a file of `file_bytes`."""
    limit = min(MAX_MEMORY_BYTES, max(MAX_SMALL_FILE_MEMORY_BYTES, MAX_MEMORY_PER_BYTE * file_bytes))
    if n_bytes > limit:
        raise ImageError(
            f"too large: decoding takes about {n_bytes / 1e6:,.0f} MB of memory, "
            f"more than {limit / 1e6:,.0f} MB for a file of this size",
        )
