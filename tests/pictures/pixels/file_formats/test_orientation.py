from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.pictures.pixels.file_formats.orientation import exif_orientation, xmp_orientation
from tests.pictures.pixels.file_formats.builders import (
    ORIENTATION_6,
    assert_shows_flag,
    encode,
    png_chunk,
    segment,
    tiff,
    with_png_chunks,
)

READABLE = {
    "alone": tiff(ORIENTATION_6),
    "as a long number": tiff((0x0112, 4, 1, struct.pack("<I", 6))),
    "as a byte": tiff((0x0112, 1, 1, b"\x06\0\0\0")),
    "big-endian": b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0",
    "resolution as text": tiff(ORIENTATION_6, (0x011A, 2, 4, b"abc\0")),
    "text outside the metadata": tiff((0x010F, 2, 100_000, struct.pack("<I", 999_999)), ORIENTATION_6),
    "endless text": tiff((0x010F, 2, 0xFFFFFFFF, b"\x08\0\0\0"), ORIENTATION_6),
    "unknown type": tiff((0x010F, 99, 1, b"abcd"), ORIENTATION_6),
    "more entries announced": b"II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHI4s", *ORIENTATION_6),
    "truncated behind it": tiff(ORIENTATION_6, (0x011A, 5, 1, b"abcd"))[:24],
    "directory in a circle": tiff(ORIENTATION_6, (0x8769, 4, 1, b"\x08\0\0\0"), following=8),
    "position as text": tiff(ORIENTATION_6, (0x8825, 2, 4, b"abc\0")),
}
UNREADABLE = {
    "none": tiff((0x010F, 2, 4, b"abc\0")),
    "zero": tiff((0x0112, 3, 1, bytes(4))),
    "too large": tiff((0x0112, 3, 1, b"\x63\0\0\0")),
    "text": tiff((0x0112, 2, 2, b"6\0\0\0")),
    "empty": b"",
    "garbage": b"garbage" * 10,
    "zeros": bytes(100),
    "short": b"II*\0",
    "directory outside": b"II*\0\xff\xff\xff\x7f\0\0",
}
CASES = [(name, exif, 6) for name, exif in READABLE.items()] + [
    (name, exif, 1) for name, exif in UNREADABLE.items()
]


@pytest.mark.parametrize(("exif", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_pictures_are_turned_if_the_orientation_can_be_read(exif, expected):
    assert (exif_orientation(exif) or 1) == (exif_orientation(b"Exif\0\0" + exif) or 1) == expected
    jpeg = encode("JPEG", quality=95)
    assert_shows_flag(jpeg[:2] + segment(0xE1, b"Exif\0\0" + exif) + jpeg[2:], orientation=expected)
    assert_shows_flag(with_png_chunks(png_chunk(b"eXIf", exif)), orientation=expected)
    assert_shows_flag(with_png_chunks(png_chunk(b"eXIf", exif), after_data=True), orientation=expected)
    if exif:
        assert_shows_flag(encode("WEBP", quality=95, exif=exif), orientation=expected)


@pytest.mark.parametrize("text", [b'tiff:Orientation="6"', b"<tiff:Orientation>6</tiff:Orientation>"])
def test_orientation_in_xmp(text):
    jpeg = encode("JPEG", quality=95)
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x " + text
    assert xmp_orientation(text) == 6
    assert_shows_flag(jpeg[:2] + segment(0xE1, xmp) + jpeg[2:], orientation=6)
    assert_shows_flag(with_png_chunks(png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + text)), orientation=6)


def test_the_orientation_in_exif_precedes_that_in_xmp():
    jpeg = encode("JPEG", quality=95)
    xmp = segment(0xE1, b'http://ns.adobe.com/xap/1.0/\0tiff:Orientation="3"')
    assert_shows_flag(jpeg[:2] + xmp + segment(0xE1, b"Exif\0\0" + tiff(ORIENTATION_6)) + jpeg[2:], orientation=6)


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"Exif\0\0II*\0\x08\0\0\0"]),
)
def test_any_bytes_state_an_orientation_or_none(data, start):
    assert exif_orientation(start + data) in {None, *range(1, 9)}
    assert xmp_orientation(start + data) in {None, *range(1, 9)}
