from __future__ import annotations

import struct
import zlib

import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from tests.pictures.pixels.file_formats.builders import FLAG, assert_shows_flag, encode, png_chunk, with_png_chunks


def ico(icon: bytes, side_px: int = 64) -> bytes:
    return b"\0\0\1\0\1\0" + struct.pack("<4B2H2I", side_px, side_px, 0, 0, 1, 32, len(icon), 22) + icon


def test_the_largest_icon_is_decoded():
    image = PIL.Image.new("RGBA", (64, 64), "red")
    for bitmap_format in ("png", "bmp"):
        content = encode("ICO", image, sizes=[(16, 16), (64, 64)], bitmap_format=bitmap_format)
        pixels = decoding.decode(content)
        assert pixels.shape == (64, 64, 3)
        assert (pixels == (255, 0, 0)).all()


def test_metadata_of_a_png_file_inside_do_not_cost_the_picture():
    png = encode("PNG")
    bomb = png_chunk(b"zTXt", b"key\0\0" + zlib.compress(bytes(3_000_000)))
    assert_shows_flag(ico(png[:33] + bomb + png[33:], FLAG.width), tolerance=0.5)


def test_the_limits_apply_to_the_icon_and_not_to_the_size_that_the_directory_states():
    png = with_png_chunks()
    header = png_chunk(b"IHDR", struct.pack(">II", 20_000, 20_000) + png[24:29])
    bitmap = struct.pack("<IIIHHIIiiII", 40, 9_000, 18_000, 1, 32, 0, 0, 0, 0, 0, 0) + bytes(100)
    for icon in (png[:8] + header + png[33:], bitmap):
        with pytest.raises(ImageError, match="too large"):
            decoding.decode(ico(icon))
    compressed = bitmap[:16] + b"\1" + bitmap[17:]
    with pytest.raises(ImageError, match="unsupported icon"):
        decoding.decode(ico(compressed))


@pytest.mark.parametrize("content", [b"\0\0\1\0\0\0", b"\0\0\1\0\xff\xff", ico(b""), ico(encode("PNG"))[:40]])
def test_damaged_files_are_an_error(content):
    with pytest.raises(ImageError, match="cannot be decoded: "):
        decoding.decode(content)
