from __future__ import annotations

import io

import numpy as np
import PIL.Image
import PIL.ImageCms
import pytest

from imagemood.pictures.pixels.file_formats import jpeg_header
from imagemood.pictures.pixels.file_formats.jpeg_header import is_small_and_simple
from tests.pictures.pixels.file_formats.builders import encode, segment, tiff

JPEG = encode("JPEG", quality=95)
FRAME = JPEG.index(b"\xff\xc0")
SCAN = JPEG.index(b"\xff\xda")


def with_byte(position, value):
    return JPEG[:position] + bytes([value]) + JPEG[position + 1 :]


def of_size(width, height):
    content = io.BytesIO()
    PIL.Image.new("RGB", (width, height)).save(content, "JPEG")
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        JPEG,
        encode("JPEG", quality=30, subsampling=2),
        encode("JPEG", image=PIL.Image.new("L", (20, 10))),
        encode("JPEG", restart_marker_blocks=2),
        JPEG[:2] + segment(0xE1, b"Exif\0\0" + tiff((0x0112, 3, 1, b"\6\0"))) + JPEG[2:],
        JPEG[:2] + segment(0xFE, b"a comment") + JPEG[2:],
        JPEG + b"another file",
        of_size(1024, 1024),
    ],
)
def test_ordinary_files_are_simple(content):
    assert is_small_and_simple(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        JPEG[:SCAN],
        JPEG[: FRAME + 5],
        b"x" + JPEG,
        JPEG[:2] + b"garbage" + JPEG[2:],
        encode("PNG"),
        encode("JPEG", progressive=True),
        encode("JPEG", image=PIL.Image.new("CMYK", (20, 10))),
        encode("JPEG", icc_profile=PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()),
        with_byte(FRAME + 1, 0xC1),  # extended
        with_byte(FRAME + 1, 0xC3),  # lossless
        with_byte(FRAME + 1, 0xC9),  # arithmetic
        with_byte(FRAME + 4, 12),  # bits per colour
        with_byte(FRAME + 9, 2),  # components
        with_byte(FRAME + 11, 0x41),  # sampling
        with_byte(FRAME + 11, 0x00),
        with_byte(SCAN + 4, 1),  # components of the first scan
        of_size(1025, 1024),
        JPEG[:2] + 40 * segment(0xFE, b"") + JPEG[2:],
        JPEG + bytes(jpeg_header.MAX_SMALL_BYTES),
    ],
)
def test_other_files_are_not(content):
    assert not is_small_and_simple(content)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_files_are_simple_or_not(seed):
    damaged = bytearray(JPEG)
    random = np.random.default_rng(seed)
    for position in random.integers(2, len(JPEG), 10):
        damaged[position] = random.integers(256)
    assert is_small_and_simple(bytes(damaged)) in (True, False)
