from __future__ import annotations

import struct

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from imagemood.pictures.pixels.file_formats.simple import is_tga
from tests.pictures.pixels.file_formats.builders import FLAG, assert_shows_flag, encode


@pytest.mark.parametrize("kind", ["BMP", "DIB", "QOI", "SGI", "PCX", "TGA"])
def test_files_are_decoded(kind):
    assert_shows_flag(encode(kind), tolerance=0.5)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_tga_is_recognised(mode):
    image = FLAG.convert("L").convert("LA") if mode == "LA" else FLAG.convert(mode)
    assert is_tga(encode("TGA", image, compression="tga_rle"))
    assert is_tga(encode("TGA", image, orientation=1))
    assert is_tga(encode("TGA", FLAG.convert("1")))


@given(st.binary(max_size=60))
def test_short_files_are_not_tga_unless_they_can_hold_their_pixels(content):
    if is_tga(content):
        width, height = struct.unpack_from("<HH", content, 12)
        assert width * height <= 128 * 8 * len(content)


@pytest.mark.parametrize(
    "content", [b"", bytes(18), b"\0\0\2" + bytes(9) + b"\xff\xff\xff\xff\x18\0", b"text" * 10]
)
def test_other_files_are_not_tga(content):
    assert not is_tga(content)


def test_compressed_bitmaps_are_limited_because_they_are_slow():
    def bitmap(width: int, height: int) -> bytes:
        header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, 0, 0, 0, 256, 0)
        palette = b"".join(bytes([value, 0, 255 - value, 0]) for value in range(256))
        return (
            b"BM"
            + struct.pack("<IHHI", 0, 0, 0, 54 + 1024)
            + header
            + palette
            + b"\x20\x07\0\0" * height
            + b"\0\1"
        )

    assert decoding.decode(bitmap(32, 16))[0, 0].tolist() == [248, 0, 7]
    with pytest.raises(ImageError, match="too large for its format: .* or 4,000,000 pixels"):
        decoding.decode(bitmap(4000, 1001))


def test_qoi_files_are_limited_because_they_are_slow():
    content = b"qoif" + struct.pack(">II", 2000, 2001) + b"\3\0" + b"\xfd" * 70_000
    with pytest.raises(ImageError, match="too large for its format"):
        decoding.decode(content)
    assert decoding.decode(encode("QOI", PIL.Image.new("RGB", (100, 50), "red")))[0, 0].tolist() == [255, 0, 0]
