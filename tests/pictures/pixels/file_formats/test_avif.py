from __future__ import annotations

import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from tests.pictures.pixels.file_formats.builders import FLAG, ORIENTATION_6, assert_shows_flag, encode, tiff

AVIF = encode("AVIF", quality=95, exif=tiff((0x010F, 2, 4, b"abc\0")))


@pytest.mark.parametrize("exif", [b"garbage" * 3, bytes(20), b"II*\0\xff\xff\xff\x7f", b"MM\0*"])
def test_broken_exif_does_not_cost_the_picture(exif):
    place = AVIF.index(b"II*\0")
    assert_shows_flag(AVIF[:place] + exif[:20] + AVIF[place + len(exif[:20]) :], tolerance=8)


def test_pictures_are_turned():
    assert_shows_flag(encode("AVIF", quality=95, exif=tiff(ORIENTATION_6)), orientation=6, tolerance=8)


def test_the_first_frame_is_decoded():
    content = encode("AVIF", save_all=True, append_images=[PIL.Image.new("RGB", FLAG.size)], quality=95)
    assert_shows_flag(content, tolerance=8)


@pytest.mark.parametrize("content", [AVIF[:100], AVIF[: len(AVIF) // 2], AVIF[:32], AVIF[:28] + bytes(200)])
def test_damaged_files_are_an_error(content):
    with pytest.raises(ImageError, match="cannot be decoded: "):
        decoding.decode(content)
