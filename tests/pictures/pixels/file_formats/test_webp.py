from __future__ import annotations

import struct

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding
from tests.pictures.pixels.file_formats.builders import FLAG, assert_shows_flag, encode, riff_chunk

IMAGE = encode("WEBP", quality=95)[12:]
CHUNKS = {
    "EXIF of a wrong length": riff_chunk(b"EXIF", b"abc", 1 << 30),
    "damaged EXIF": riff_chunk(b"EXIF", b"abc"),
    "damaged XMP": riff_chunk(b"XMP ", b"\xff" * 10),
    "damaged profile": riff_chunk(b"ICCP", b"x" * 200),
    "unknown chunk": riff_chunk(b"abcd", b"x" * 5),
    "several": riff_chunk(b"EXIF", b"a") * 3,
}


def webp(*chunks: bytes, size: int | None = None) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def canvas(width: int, height: int, flags: int = 0) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


@pytest.mark.parametrize("flags", [0, 0x2C])
@pytest.mark.parametrize("name", CHUNKS)
def test_no_chunk_of_metadata_costs_the_picture(name, flags):
    assert_shows_flag(webp(canvas(64, 48, flags), IMAGE, CHUNKS[name]))
    assert_shows_flag(webp(canvas(64, 48, flags), CHUNKS[name], IMAGE))


@pytest.mark.parametrize("size", [5, 0x7FFFFFFF])
def test_the_length_that_the_file_states_does_not_matter(size):
    assert_shows_flag(webp(IMAGE, size=size))
    assert_shows_flag(webp(canvas(64, 48), IMAGE, b"EXIF\1"))
    assert_shows_flag(webp(IMAGE) + b"garbage")


def test_transparent_pixels_become_white():
    layered = FLAG.convert("RGBA")
    layered.putalpha(PIL.Image.fromarray(np.full((48, 64), 255, np.uint8)))
    layered.paste((0, 0, 0, 0), (0, 0, 64, 24))
    for lossless in (False, True):
        pixels = decoding.decode(encode("WEBP", layered, lossless=lossless, quality=95))
        assert (pixels[:20] == 255).all()
        assert np.abs(pixels[28:].astype(int) - np.asarray(FLAG)[28:]).mean() < 8


def test_the_first_frame_is_decoded_on_the_canvas():
    frames = [PIL.Image.new("RGB", FLAG.size), PIL.Image.new("RGB", FLAG.size, "white")]
    assert_shows_flag(encode("WEBP", save_all=True, append_images=frames, lossless=True), tolerance=1)


@pytest.mark.parametrize("animated", [False, True])
def test_a_huge_canvas_of_a_small_file_is_refused_before_it_is_allocated(animated):
    bits = 16_382 | 16_382 << 14
    content = webp(riff_chunk(b"VP8L", b"\x2f" + struct.pack("<I", bits) + bytes(10)))
    if animated:
        frame = bytes(6) + b"\x3f\0\0\x2f\0\0" + bytes(4) + IMAGE
        content = webp(canvas(9_000, 9_000, 2), riff_chunk(b"ANIM", bytes(6)), riff_chunk(b"ANMF", frame))
    with pytest.raises(ImageError, match="too large: "):
        decoding.decode(content, size_px=224)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (webp(), "it contains no image"),
        (webp(riff_chunk(b"EXIF", b"abc")), "it contains no image"),
        (webp(riff_chunk(b"VP8L", b"")), "truncated"),
        (webp(riff_chunk(b"abcd", b"") * 100_001), "too many chunks"),
        (webp(riff_chunk(b"EXIF", b"abc", 1 << 30)), "it contains no image"),
        (webp(IMAGE[: len(IMAGE) // 2]), "cannot be decoded"),
    ],
)
def test_reasons(content, reason):
    with pytest.raises(ImageError, match=reason):
        decoding.decode(content)
