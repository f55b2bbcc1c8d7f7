from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest

from imagemood.pictures.pixels import conversion
from imagemood.pictures.pixels.resizing import Resizing
from tests.pictures.pixels.file_formats.builders import FLAG


@pytest.fixture
def small_strips(monkeypatch):
    monkeypatch.setattr(conversion, "_PIXELS_PER_STRIP", 64 * 5)


def image_of(mode: str) -> PIL.Image.Image:
    grey = np.asarray(FLAG.convert("L"))
    if mode.startswith("I;16"):
        return PIL.Image.fromarray(grey.astype(np.uint16) * 257)
    if mode in {"I", "F"}:
        return PIL.Image.fromarray(grey.astype(np.int32) * 100 if mode == "I" else grey.astype(np.float32) / 255)
    if mode in {"RGBA", "LA", "PA"}:
        layered = FLAG.convert("RGBA")
        layered.putalpha(PIL.Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))))
        return layered.convert(mode)
    return FLAG.convert(mode)


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "HSV", "LAB", "I;16", "I", "F", "RGBA", "LA", "PA"]
)
@pytest.mark.parametrize("size_px", [None, 32])
def test_strips_change_nothing(mode, size_px, small_strips, monkeypatch):
    in_strips = conversion.to_array(image_of(mode), size_px=size_px)
    monkeypatch.setattr(conversion, "_PIXELS_PER_STRIP", 1 << 30)
    np.testing.assert_array_equal(conversion.to_array(image_of(mode), size_px=size_px), in_strips)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size_px", [None, 64])
def test_images_are_turned_as_by_pillow(orientation, size_px, small_strips):
    image = FLAG.copy()
    image.getexif()[0x0112] = orientation
    expected = PIL.ImageOps.exif_transpose(image)
    pixels = conversion.to_array(FLAG, orientation=orientation, size_px=size_px)
    if size_px is None:
        np.testing.assert_array_equal(pixels, np.asarray(expected))
    else:
        assert np.abs(pixels.astype(int) - np.asarray(expected.resize((64, 64)))).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("rounding", ["even", "down"])
@pytest.mark.parametrize("side_px", [45, 46, 47, 48])
def test_turned_images_are_cropped_as_upright_ones(orientation, rounding, side_px):
    image = FLAG.copy()
    image.putpixel((3, 2), (0, 0, 0))
    image.getexif()[0x0112] = orientation
    resizing = Resizing(side_px, keep_aspect=True, rounding=rounding)
    upright = conversion.to_array(PIL.ImageOps.exif_transpose(image), size_px=40, resizing=resizing)
    turned = conversion.to_array(image, orientation=orientation, size_px=40, resizing=resizing)
    assert np.abs(turned.astype(int) - upright).max() <= 1


def test_values_that_are_not_numbers_are_black(small_strips):
    values = np.linspace(0, 1, 64 * 48, dtype=np.float32).reshape(48, 64)
    values[0, :3] = (np.nan, np.inf, -np.inf)
    pixels = conversion.to_array(PIL.Image.fromarray(values))
    assert (pixels[0, :3] == 0).all()
    assert pixels[-1, -1].tolist() == [255, 255, 255]


@pytest.mark.parametrize(("largest", "white"), [(1.0, 1), (255.0, 255), (40_000.0, 40_000)])
def test_white_depends_on_the_largest_value_of_all_strips(largest, white, small_strips):
    values = np.zeros((48, 64), np.float32)
    values[-1, -1], values[0, 0] = largest, largest / 2
    pixels = conversion.to_array(PIL.Image.fromarray(values))
    assert pixels[0, 0, 0] == np.rint(largest / 2 * (255 / white))


def test_the_result_of_a_full_image_can_be_changed():
    pixels = conversion.to_array(FLAG)
    pixels[0, 0] = 0
    assert FLAG.getpixel((0, 0)) != (0, 0, 0)
