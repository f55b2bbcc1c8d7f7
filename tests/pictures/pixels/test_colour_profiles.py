from __future__ import annotations

import io
import struct

import numpy as np
import PIL.Image
import pytest
from PIL import ImageCms

from imagemood.pictures.pixels import colour_profiles, decoding, png_colours
from tests.pictures.pixels.file_formats.builders import encode

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
DISPLAY_P3 = png_colours.profile({b"cICP": b"\x0c\x0d\0\1"})
LINEAR = png_colours.profile({b"gAMA": (100_000).to_bytes(4, "big")})


@pytest.fixture(scope="module")
def cat(sample_photos) -> PIL.Image.Image:
    with PIL.Image.open(sample_photos / "chelsea.png") as picture:
        return picture.convert("RGB")


def grey_profile(gamma: float) -> bytes:
    """Return the profile of grey values with a gamma, made from the profile of colours with that gamma."""
    content = bytearray(png_colours.profile({b"gAMA": round(100_000 / gamma).to_bytes(4, "big")}))
    content[16:20] = b"GRAY"
    return bytes(content).replace(b"rTRC", b"kTRC")


def converted(image: PIL.Image.Image, profile: bytes) -> PIL.Image.Image:
    """Convert an image to sRGB with an independent call of the library."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    result = ImageCms.profileToProfile(
        image,
        source,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert result is not None
    return result


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG"])
@pytest.mark.parametrize("profile", [DISPLAY_P3, LINEAR], ids=["Display P3", "linear"])
def test_pictures_are_converted_to_srgb(cat, kind, profile):
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 95}}.get(kind, {})
    plain = decoding.decode(encode(kind, cat, **options))
    pixels = decoding.decode(encode(kind, cat, icc_profile=profile, **options))
    np.testing.assert_array_equal(pixels, np.asarray(converted(PIL.Image.fromarray(plain), profile)))
    assert np.abs(pixels.astype(int) - plain).mean() > 1


def test_the_resize_before_the_conversion_changes_little(cat):
    pixels = decoding.decode(encode("PNG", cat, icc_profile=DISPLAY_P3), size_px=112)
    expected = np.asarray(converted(cat, DISPLAY_P3).resize((112, 112)))
    assert np.abs(pixels.astype(int) - expected).mean() < 0.5


def test_a_picture_that_was_converted_looks_the_same(cat):
    target = ImageCms.ImageCmsProfile(io.BytesIO(DISPLAY_P3))
    in_p3 = ImageCms.profileToProfile(
        cat, ImageCms.createProfile("sRGB"), target, renderingIntent=ImageCms.Intent(1)
    )
    pixels = decoding.decode(encode("PNG", in_p3, icc_profile=DISPLAY_P3))
    assert np.abs(pixels.astype(int) - np.asarray(cat)).mean() < 1


def test_grey_pictures_are_converted():
    ramp = PIL.Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (16, 1)))
    pixels = decoding.decode(encode("PNG", ramp, icc_profile=grey_profile(1.0)))
    light = np.arange(256) / 255
    expected = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(pixels[0, 8:, 1], expected[8:], atol=2)  # LittleCMS interpolates near black


@pytest.mark.parametrize("mode", ["P", "RGBA", "1", "L", "CMYK", "I;16"])
def test_a_profile_of_colours_applies_to_the_modes_that_become_colours(cat, mode):
    image = cat.convert("L").convert("I;16") if mode == "I;16" else cat.convert(mode)
    plain = decoding.convert(image)
    image.info["icc_profile"] = LINEAR
    changed = decoding.convert(image)
    assert (changed != plain).any() == (mode in {"P", "RGBA"})


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_pictures_are_converted(cat, kind):
    profile = cmyk_profile()
    cmyk = cat.convert("CMYK")
    plain = decoding.decode(encode(kind, cmyk))
    pixels = decoding.decode(encode(kind, cmyk, icc_profile=profile))
    if kind == "TIFF":
        np.testing.assert_array_equal(pixels, np.asarray(converted(cmyk, profile)))
    # The profile exchanges red and blue, and the cat is red.
    assert (plain[..., 0].mean() > plain[..., 2].mean()) == (pixels[..., 0].mean() < pixels[..., 2].mean())


def cmyk_profile() -> bytes:
    """Return a profile with a table of the corners of the CMYK cube, in which red and blue are exchanged."""
    ink = np.array(np.meshgrid(*[[0.0, 1.0]] * 4, indexing="ij")).reshape(4, -1)
    red, green, blue = (255 * (1 - ink[i]) * (1 - ink[3]) for i in (2, 1, 0))
    colours = PIL.Image.fromarray(np.stack([red, green, blue], axis=-1).astype(np.uint8)[np.newaxis])
    lab = ImageCms.profileToProfile(
        colours, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    table = np.asarray(lab) ^ np.array([0, 0x80, 0x80], np.uint8)  # a and b have an offset in profiles
    identity = bytes(range(256))
    matrix = struct.pack(">9i", *[65536, 0, 0, 0, 65536, 0, 0, 0, 65536])
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + identity * 4 + table.tobytes() + identity * 3
    start = 128 + 4 + 12
    header = bytearray(128)
    header[:4] = struct.pack(">I", start + len(lut))
    header[8:12], header[12:24], header[36:40] = b"\x02\x40\0\0", b"prtrCMYKLab ", b"acsp"
    header[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    return bytes(header) + struct.pack(">I4sII", 1, b"A2B1", start, len(lut)) + lut


def test_srgb_changes_nothing_and_is_recognised_once(cat, monkeypatch):
    calls = []
    original = colour_profiles._transform
    monkeypatch.setattr(colour_profiles, "_transform", lambda *arguments: calls.append(1) or original(*arguments))
    monkeypatch.setattr(colour_profiles, "_cache", {})
    for _ in range(3):
        pixels = decoding.decode(encode("PNG", cat, icc_profile=SRGB))
        np.testing.assert_array_equal(pixels, np.asarray(cat))
    assert len(calls) == 1


@pytest.mark.parametrize(
    "profile",
    [
        b"garbage" * 30,
        SRGB[:200],
        SRGB[:36] + b"abcd" + SRGB[40:],
        SRGB[:16] + b"CMYK" + SRGB[20:],
        SRGB[:12] + b"link" + SRGB[16:],
        DISPLAY_P3[:128] + b"\xff" * (len(DISPLAY_P3) - 128),
        DISPLAY_P3 + bytes(colour_profiles.MAX_PROFILE_BYTES),
    ],
)
def test_profiles_that_cannot_be_used_are_ignored(cat, profile):
    np.testing.assert_array_equal(decoding.decode(encode("TIFF", cat, icc_profile=profile)), np.asarray(cat))


def test_the_cache_is_bounded(monkeypatch):
    cache = {}
    monkeypatch.setattr(colour_profiles, "_cache", cache)
    monkeypatch.setattr(colour_profiles, "_MAX_CACHED", 3)
    image = PIL.Image.new("RGB", (8, 8))
    for number in range(10):
        colour_profiles.to_srgb(image, SRGB + bytes([number]))
        assert 1 <= len(cache) <= 3


def test_profiles_are_ignored_without_colour_management(cat, monkeypatch):
    monkeypatch.setattr(colour_profiles, "_cache", {})

    def missing(*arguments):
        raise ImportError("Pillow was built without LittleCMS")

    monkeypatch.setattr(ImageCms, "ImageCmsProfile", missing)
    np.testing.assert_array_equal(decoding.decode(encode("PNG", cat, icc_profile=DISPLAY_P3)), np.asarray(cat))


def test_an_image_of_the_caller_is_not_changed(cat):
    image = cat.copy()
    image.info["icc_profile"] = DISPLAY_P3
    converted_pixels = decoding.convert(image, size_px=None)
    assert (converted_pixels != np.asarray(cat)).any()
    square = image.resize((64, 64))
    before = np.asarray(square).copy()
    decoding.convert(square, size_px=64)
    np.testing.assert_array_equal(np.asarray(square), before)
