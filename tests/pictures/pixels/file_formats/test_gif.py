from __future__ import annotations

import numpy as np
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from tests.pictures.pixels.file_formats.builders import FLAG, assert_shows_flag, encode

GIF = encode("GIF", FLAG.quantize(8))
SCREEN_END = 13 + (3 << (GIF[10] & 7) + 1)
BLOCKS = {
    "comment": b"!\xfe\3abc\0",
    "empty comment": b"!\xfe\0",
    "short application": b"!\xff\3abc\0",
    "XMP": b"!\xff\x0bXMP DataXMP<x>" + bytes(range(255, -1, -1)) + b"\0",
    "short graphic control": b"!\xf9\1\0\0",
    "empty graphic control": b"!\xf9\0",
    "unknown extension": b"!\x77\5abcde\0",
    "garbage": b"\1\2\3",
    "zeros": bytes(50),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_no_extension_costs_the_picture(name):
    assert_shows_flag(GIF[:SCREEN_END] + BLOCKS[name] + GIF[SCREEN_END:], tolerance=1)


@pytest.mark.parametrize("content", [GIF[:-1], GIF + b"garbage", GIF[:-1] + b"!\xfe\xffabc"])
def test_what_follows_the_image_does_not_matter(content):
    assert_shows_flag(content, tolerance=1)


def test_the_transparent_colour_becomes_white():
    pixels = decoding.decode(encode("GIF", FLAG.quantize(3), transparency=0))
    opaque = decoding.decode(encode("GIF", FLAG.quantize(3)))
    is_changed = (pixels != opaque).any(axis=2)
    assert 0 < is_changed.mean() < 1
    assert np.unique(pixels[is_changed]).tolist() == [255]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            GIF[:SCREEN_END] + b"!\xfe" + b"\1a" * 100_001 + b"\0" + GIF[SCREEN_END:],
            "too many blocks before the image",
        ),
        (GIF[:SCREEN_END] + b";", "it contains no image"),
        (GIF[:SCREEN_END] + b"!\xfe\xff", "it contains no image"),
        (GIF[:8], "it contains no image"),
    ],
)
def test_reasons(content, reason):
    with pytest.raises(ImageError, match=reason):
        decoding.decode(content)
