from __future__ import annotations

import struct
import zlib

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from tests.pictures.pixels.file_formats.builders import (
    FLAG,
    ORIENTATION_6,
    assert_shows_flag,
    encode,
    png_chunk,
    tiff,
    with_png_chunks,
)

BOMB = zlib.compress(bytes(3_000_000))
FRAME = struct.pack(">IIIIIHHBB", 0, 64, 48, 0, 0, 1, 1, 0, 0)
CHUNKS = {
    "text bomb": png_chunk(b"zTXt", b"key\0\0" + BOMB),
    "text of an unknown method": png_chunk(b"zTXt", b"key\0\5abc"),
    "damaged text": png_chunk(b"zTXt", b"key\0\0abc"),
    "international text bomb": png_chunk(b"iTXt", b"key\0\1\0\0\0" + BOMB),
    "short international text": png_chunk(b"iTXt", b"key\0"),
    "text without a key": png_chunk(b"tEXt", b"\0abc"),
    "text with a wrong checksum": png_chunk(b"tEXt", b"key\0abc", checksum_error=1),
    "profile bomb": png_chunk(b"iCCP", b"name\0\0" + BOMB * 5),
    "profile of an unknown method": png_chunk(b"iCCP", b"name\0\3abc"),
    "empty profile": png_chunk(b"iCCP"),
    "damaged profile": png_chunk(b"iCCP", b"name\0\0abc"),
    "short gamma": png_chunk(b"gAMA", b"\0"),
    "zero gamma": png_chunk(b"gAMA", bytes(4)),
    "short primaries": png_chunk(b"cHRM", b"abc"),
    "zero primaries": png_chunk(b"gAMA", struct.pack(">I", 45_455)) + png_chunk(b"cHRM", bytes(32)),
    "unknown colour space": png_chunk(b"cICP", b"\x63\x63\0\1"),
    "empty sRGB": png_chunk(b"sRGB"),
    "short resolution": png_chunk(b"pHYs", b"a"),
    "short transparency": png_chunk(b"tRNS", b"\0"),
    "transparency with a wrong checksum": png_chunk(b"tRNS", b"\0\1\0\2\0\3", checksum_error=1),
    "suggested palette with a wrong checksum": png_chunk(b"PLTE", b"abc", checksum_error=1),
    "short animation": png_chunk(b"acTL", b"\0"),
    "animation without frames": png_chunk(b"acTL", bytes(8)),
    "two animations": png_chunk(b"acTL", struct.pack(">II", 2, 0)) * 2,
    "short frame": png_chunk(b"fcTL", b"\0"),
    "frame out of order": png_chunk(b"fcTL", b"\0\0\0\7" + FRAME[4:]),
    "frame larger than the image": png_chunk(b"acTL", struct.pack(">II", 2, 0)) + png_chunk(b"fcTL", FRAME * 2),
    "data of a frame": png_chunk(b"fdAT", b"a"),
    "unknown critical chunk": png_chunk(b"ABCD", b"abc"),
    "private chunk": png_chunk(b"prVt", bytes(100)),
}
WRONG_LENGTHS = {
    "length behind the end": struct.pack(">I", 0x7FFFFFFF) + b"tEXtabc",
    "negative length": b"\xff\xff\xff\xfftEXtabc",
    "no name": png_chunk(b"\xff\xfe\xfd\xfc", b"abc"),
    "garbage": b"\1\2\3",
    "zeros": bytes(12),
}


@pytest.mark.parametrize("name", CHUNKS)
def test_no_ancillary_chunk_costs_the_picture(name):
    assert_shows_flag(with_png_chunks(CHUNKS[name]), tolerance=0.5)
    assert_shows_flag(with_png_chunks(CHUNKS[name], after_data=True), tolerance=0.5)


@pytest.mark.parametrize("name", WRONG_LENGTHS)
def test_the_data_are_found_behind_a_chunk_of_a_wrong_length(name):
    assert_shows_flag(with_png_chunks(WRONG_LENGTHS[name]), tolerance=0.5)
    palette = encode("PNG", FLAG.quantize(8))
    assert_shows_flag(palette[:33] + WRONG_LENGTHS[name] + palette[33:], tolerance=1)
    assert_shows_flag(encode("PNG")[:-12] + WRONG_LENGTHS[name], tolerance=0.5)


@pytest.mark.parametrize("n_missing", range(1, 20))
def test_the_last_bytes_may_be_missing(n_missing):
    assert_shows_flag(encode("PNG")[:-n_missing], tolerance=0.5)


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt"])
def test_orientation_as_imagemagick_writes_it(kind):
    exif = b"Exif\0\0" + tiff(ORIENTATION_6)
    text = b"\nexif\n%8d\n%s\n" % (len(exif), exif.hex().encode())
    data = b"\0" + zlib.compress(text) if kind == b"zTXt" else text
    assert_shows_flag(with_png_chunks(png_chunk(kind, b"Raw profile type exif\0" + data)), orientation=6)
    damaged = png_chunk(kind, b"Raw profile type exif\0" + (data[:5] if kind == b"zTXt" else b"\nexif\n4\nno hex"))
    assert_shows_flag(with_png_chunks(damaged))


def test_the_default_image_of_an_animation_is_decoded():
    other = PIL.Image.new("RGB", FLAG.size)
    for default_image in (False, True):
        options = {"save_all": True, "append_images": [other], "default_image": default_image}
        assert_shows_flag(encode("PNG", **options), tolerance=0.5)


@pytest.mark.parametrize(
    ("mode", "transparency"), [("L", 255), ("RGB", (200, 30, 30)), ("P", 0), ("P", bytes([0, 128, 255]))]
)
def test_transparent_colours_become_white(mode, transparency):
    image = FLAG.quantize(3) if mode == "P" else FLAG.convert(mode)
    expected = PIL.Image.new("RGBA", FLAG.size, "white")
    layered = image.copy()
    layered.info["transparency"] = transparency
    expected.alpha_composite(layered.convert("RGBA"))
    pixels = decoding.decode(encode("PNG", image, transparency=transparency))
    np.testing.assert_array_equal(pixels, np.asarray(expected.convert("RGB")))


def test_too_many_chunks_are_refused():
    with pytest.raises(ImageError, match="too many chunks: more than 100,000"):
        decoding.decode(with_png_chunks(png_chunk(b"tEXt", b"a") * 100_001))


@pytest.mark.parametrize(
    "content", [encode("PNG")[:8], encode("PNG")[:33], with_png_chunks()[:33] + png_chunk(b"IEND")]
)
def test_a_file_without_data_is_an_error(content):
    with pytest.raises(ImageError, match="it contains no image"):
        decoding.decode(content)
