from __future__ import annotations

import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels.file_formats.detection import open_image
from tests.pictures.pixels.file_formats.builders import FLAG, encode

KINDS = [
    "JPEG",
    "PNG",
    "GIF",
    "WEBP",
    "AVIF",
    "TIFF",
    "BMP",
    "JPEG2000",
    "PPM",
    "TGA",
    "QOI",
    "ICO",
    "PCX",
    "SGI",
    "MPO",
]


@pytest.mark.parametrize("kind", KINDS)
def test_the_format_is_detected_from_the_content(kind):
    expected = (48, 48) if kind == "ICO" else FLAG.size
    image = FLAG.resize((48, 48)) if kind == "ICO" else FLAG
    assert open_image(encode(kind, image)).size == expected


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "vector graphics"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "vector graphics"),
        (b"\xff\x0a\xfa", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"v/1\x01", "high dynamic range"),
    ],
)
def test_formats_that_cannot_be_decoded_are_named(content, what):
    with pytest.raises(ImageError, match=f"^unsupported image format: {what} \\("):
        open_image(content)


@pytest.mark.parametrize(
    "content",
    [
        b"\0",
        b"text",
        b"RIFF\0\0\0\0WAVE",
        b"\0\0\0\x0cftypabcd",
        b"SIMPLE  =",  # the following ones start files for which Pillow has a decoder
        b"DDS |",
        b"GRIB",
        b"BUFR",
        b"\x89HDF\r\n\x1a\n",
        b"\xd7\xcd\xc6\x9a",
        b"\x1c\x02\x78\0\x05",
    ],
)
def test_other_content_is_not_a_picture(content):
    with pytest.raises(ImageError, match="^unsupported image format$"):
        open_image(content)
