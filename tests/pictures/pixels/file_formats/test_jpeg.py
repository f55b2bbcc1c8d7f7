from __future__ import annotations

import re
import struct

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding, decoding_limits
from imagemood.pictures.pixels.file_formats.jpeg import open_jpeg
from tests.pictures.pixels.file_formats.builders import FLAG, assert_shows_flag, encode, segment, tiff

JPEG = encode("JPEG", quality=95, subsampling=0)
START_OF_SCAN = JPEG.index(b"\xff\xda")
MPF = (0xB001, 4, 1, struct.pack("<I", 2)), (0xB002, 7, 32, struct.pack("<I", 50))
SEGMENTS = {
    "profile without a number": segment(0xE2, b"ICC_PROFILE\0"),
    "profile with garbage": segment(0xE2, b"ICC_PROFILE\0\1\1" + b"x" * 500),
    "profile without its last part": segment(0xE2, b"ICC_PROFILE\0\1\3" + b"x" * 500),
    "short JFIF": segment(0xE0, b"JFIF\0\1"),
    "short Adobe": segment(0xEE, b"Adobe"),
    "short Photoshop": segment(0xED, b"Photoshop 3.0\0008BIM\4\4"),
    "Photoshop resolution": segment(0xED, b"Photoshop 3.0\0008BIM\3\xed\0\0\0\0\0\1a"),
    "empty index of images": segment(0xE2, b"MPF\0"),
    "index of images with garbage": segment(0xE2, b"MPF\0" + b"x" * 50),
    "index of images as text": segment(0xE2, b"MPF\0" + tiff((0xB001, 2, 4, b"abc\0"))),
    "index of images elsewhere": segment(0xE2, b"MPF\0" + tiff(*MPF) + b"\xff" * 100),
    "gain map": segment(0xE1, b'http://ns.adobe.com/xap/1.0/\0 hdrgm:Version="1.0"') + segment(0xE2, b"MPF\0"),
    "empty FlashPix": segment(0xE2, b"FPXR\0"),
    "empty comment": segment(0xFE, b""),
    "extension": segment(0xF0, b"abc"),
    "fill bytes": b"\xff\xff\xff",
    "garbage": b"abc",
    "restart": b"\xff\xd0",
    "second start": b"\xff\xd8",
}


@pytest.mark.parametrize("name", SEGMENTS)
def test_no_segment_of_metadata_costs_the_picture(name):
    for place in (2, 20, START_OF_SCAN):
        assert_shows_flag(JPEG[:place] + SEGMENTS[name] + JPEG[place:])


@pytest.mark.parametrize("content", [JPEG + b"garbage" * 100, JPEG + JPEG, JPEG + bytes(100_000)])
def test_what_follows_the_image_does_not_matter(content):
    assert_shows_flag(content)


def test_the_first_image_of_several_is_decoded():
    assert_shows_flag(encode("MPO", save_all=True, append_images=[PIL.Image.new("RGB", FLAG.size)], quality=95))


@pytest.fixture(scope="module")
def photo(sample_photos) -> bytes:
    with PIL.Image.open(sample_photos / "coffee.png") as picture:
        return encode("JPEG", picture.convert("RGB"), quality=90)


@pytest.mark.parametrize("share", [1, 0.99, 0.95])
def test_a_photo_that_lacks_a_few_rows_is_decoded_with_grey_rows(photo, share):
    content = photo.removesuffix(b"\xff\xd9")
    pixels = decoding.decode(content[: int(share * len(content))])
    whole = decoding.decode(photo)
    assert pixels.shape == whole.shape
    np.testing.assert_array_equal(pixels[:300], whole[:300])
    assert share == 1 or (pixels[-1, -1] == 128).all()


@pytest.mark.parametrize("share", [0.05, 0.5, 0.8])
@pytest.mark.parametrize("size_px", [None, 64])
def test_a_photo_that_lacks_more_is_an_error(photo, share, size_px):
    with pytest.raises(ImageError, match="cannot be decoded: truncated"):
        decoding.decode(photo[: int(share * len(photo))], size_px=size_px)


def with_size(content: bytes, width: int, height: int) -> bytes:
    place = re.search(b"\xff[\xc0\xc2]", content).start() + 5
    return content[:place] + struct.pack(">HH", height, width) + content[place + 4 :]


@pytest.mark.parametrize("progressive", [False, True])
def test_a_size_that_the_file_is_too_small_for_is_refused_before_decoding(progressive):
    content = with_size(encode("JPEG", progressive=progressive), 30_000, 30_000)
    with pytest.raises(ImageError, match="truncated"):
        decoding.decode(content, size_px=224)


def test_the_limit_of_pixels_applies_to_the_reduced_scale(photo):
    opened = open_jpeg(photo)
    opened.reduce(100)
    assert opened.size == (150, 100)
    assert decoding.decode(photo, size_px=50, max_pixels=150 * 100).shape == (50, 50, 3)
    with pytest.raises(ImageError, match="too large: 600×400 pixels, more than 15,000"):
        decoding.decode(photo, max_pixels=150 * 100)


def test_a_file_of_more_than_a_gigapixel_is_refused():
    with pytest.raises(ImageError, match="too large: 65000×65000 pixels, more than 1,000,000,000 in a JPEG file"):
        decoding.decode(with_size(JPEG, 65_000, 65_000), size_px=224)


def with_scans(n_scans: int, image: PIL.Image.Image = FLAG) -> bytes:
    """Return a progressive file whose last scan is repeated."""
    content = encode("JPEG", image, progressive=True).removesuffix(b"\xff\xd9")
    n_own = content.count(b"\xff\xda")
    last = content[content.rindex(b"\xff\xc4") :]
    return content + last * (n_scans - n_own) + b"\xff\xd9"


def test_a_file_of_too_many_scans_is_refused_before_decoding():
    assert_shows_flag(with_scans(decoding_limits.MAX_JPEG_SCANS))
    with pytest.raises(ImageError, match="too many scans for a JPEG file of 3,072 pixels: more than 100"):
        decoding.decode(with_scans(decoding_limits.MAX_JPEG_SCANS + 1))


def test_a_large_file_may_have_fewer_scans(monkeypatch):
    monkeypatch.setattr(decoding_limits, "MAX_JPEG_SCANNED_PIXELS", 15 * FLAG.width * FLAG.height)
    assert_shows_flag(with_scans(15))
    with pytest.raises(ImageError, match="more than 15"):
        decoding.decode(with_scans(16))


def test_markers_behind_the_image_are_not_scans():
    assert_shows_flag(with_scans(15) + b"\xff\xda\0\2" * 1_000)


def test_the_memory_of_progressive_files_does_not_depend_on_the_scale():
    image = PIL.Image.new("RGB", (1600, 1200))
    estimates = []
    for progressive in (False, True):
        opened = open_jpeg(encode("JPEG", image, progressive=progressive))
        opened.reduce(32)
        estimates.append(decoding.estimated_memory_bytes(opened, size_px=16))
    assert opened.size == (200, 150)
    assert estimates[0] == 4 * 200 * 150
    assert estimates[1] >= 2 * 1.5 * 1600 * 1200  # coefficients of 16 bits, with halved colours


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xd8", "truncated"),
        (JPEG[:10], "truncated"),
        (JPEG[:2] + JPEG[START_OF_SCAN:], "it contains no image"),
        (JPEG[:2] + b"\xff\xd9", "it contains no image"),
        (JPEG[:2] + b"\xff" * 200_000 + JPEG[2:], "it contains no image"),
        (JPEG[:2] + b"\xff\xe5\0\2" * 100_001 + JPEG[2:], "too many segments: more than 100,000"),
        (JPEG[: START_OF_SCAN + 20] + b"\xff" * 300_000, "fill bytes instead of data"),
    ],
)
def test_reasons(content, reason):
    with pytest.raises(ImageError, match=reason):
        decoding.decode(content)
