from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding, decoding_limits
from tests.pictures.pixels.file_formats.builders import FLAG, assert_shows_flag, encode

RAMP = np.arange(256).reshape(16, 16)


@pytest.mark.parametrize("maximum", [1, 100, 254, 255, 256, 4095, 65_535])
@pytest.mark.parametrize("kind", ["P5", "P6"])
def test_values_are_scaled_to_8_bits(kind, maximum):
    values = np.rint(RAMP / 255 * maximum).astype(np.uint8 if maximum < 256 else ">u2")
    samples = values if kind == "P5" else np.stack([values] * 3, axis=-1).astype(values.dtype)
    content = f"{kind}\n# comment\n16 16\n{maximum}\n".encode() + samples.tobytes()
    expected = np.rint(values * (255 / maximum))
    for channel in range(3):
        np.testing.assert_allclose(decoding.decode(content)[..., channel], expected, atol=1)


@pytest.mark.parametrize("space", [b" ", b"\n", b"\t \r\n", b"\n# a 1 2\n#\n  "])
def test_comments_and_spaces_in_the_header(space):
    content = encode("PPM")
    pixels = content[-48 * 64 * 3 :]
    assert_shows_flag(b"P6" + space + b"64" + space + b"48" + space + b"255\n" + pixels, tolerance=0.5)
    grey = np.asarray(FLAG.convert("L"), np.float32) / 255
    floating = b"Pf" + space + b"64" + space + b"48" + space + b"-1.0\n" + grey[::-1].astype("<f4").tobytes()
    np.testing.assert_allclose(decoding.decode(floating)[..., 0], np.asarray(FLAG.convert("L")), atol=1)


def test_bits_and_plain_text():
    bits = FLAG.convert("1")
    expected = np.asarray(bits.convert("RGB"))
    np.testing.assert_array_equal(decoding.decode(encode("PPM", bits)), expected)
    text = " ".join("1" if value == 0 else "0" for value in expected[..., 0].ravel().tolist())
    np.testing.assert_array_equal(decoding.decode(f"P1 64 48 {text}\n".encode()), expected)
    numbers = " ".join(map(str, np.asarray(FLAG).ravel().tolist()))
    assert_shows_flag(f"P3 64 48 255 {numbers}\n".encode(), tolerance=0.5)


@pytest.mark.parametrize("content", [b"P3 700 700 255\n" + b"1 " * 1_100_000, b"P1 5000 1000\n0 1"])
def test_plain_text_is_limited_because_it_is_slow(content):
    with pytest.raises(ImageError, match="too large for its format: .* \\(convert it to PNG\\)"):
        decoding.decode(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"P6 64", "damaged header"),
        (b"P6 64 64", "damaged header"),
        (b"P6 64 64 65536\n", "the largest value must be from 1 to 65535"),
        (b"P6 64 64 0\n", "the largest value must be from 1 to 65535"),
        (b"P6\n#" + b"a" * 100_000 + b"\n64 64 255\n", "damaged header"),
        (b"P5 64 64 100\n" + bytes(64 * 64 - 1), "truncated"),
        (b"P5 64 64 255\n" + bytes(64), "truncated"),
        (b"P5 20000 20000 100\n", "too large"),
    ],
)
def test_reasons(content, reason):
    with pytest.raises(ImageError, match=reason):
        decoding.decode(content)


def test_large_files_are_converted_in_strips():
    side = 1100  # more than one strip
    assert side**2 > 1 << 20
    content = b"P5 %d %d 100\n" % (side, side) + bytes(index % 101 for index in range(side)) * side
    expected = np.rint(np.arange(side) % 101 * 2.55)
    np.testing.assert_allclose(decoding.decode(content)[-1, :, 0], expected, atol=1)
    assert side**2 < decoding_limits.MAX_SLOW_PIXELS
    assert PIL.Image.fromarray(decoding.decode(content)).size == (side, side)
