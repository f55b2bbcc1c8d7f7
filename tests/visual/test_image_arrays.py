from __future__ import annotations

import colorsys

import cv2
import numpy as np
import pytest
import skimage.color
from hypothesis import given
from hypothesis import strategies as st

from imagemood.visual.image_arrays import HSV_CHANNELS, SIZE_PX, ImageArrays
from tests.visual.synthetic import colour_noise, halves, read_photo, smooth_colours, uniform

CHANNEL = st.integers(0, 255)


def pixel(red, green, blue):
    return ImageArrays(uniform(red, green, blue))


def test_an_image_of_the_right_size_is_not_changed():
    image = colour_noise()
    np.testing.assert_array_equal(ImageArrays(image).rgb, image)


def test_a_view_is_made_contiguous():
    image = colour_noise()
    arrays = ImageArrays(image[::-1, ::-1])
    assert arrays.rgb.flags.c_contiguous
    np.testing.assert_array_equal(arrays.rgb[0, 0], image[-1, -1])


def test_a_larger_image_is_averaged():
    image = np.random.default_rng(0).integers(0, 256, (2 * SIZE_PX, 3 * SIZE_PX, 3), dtype=np.uint8)
    blocks = image.reshape(SIZE_PX, 2, SIZE_PX, 3, 3).mean(axis=(1, 3))
    assert np.abs(ImageArrays(image).rgb - blocks).max() <= 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 3), (223, 224), (1000, 225)])
def test_any_size_becomes_the_square_and_uniform_images_stay_uniform(shape):
    image = np.full((*shape, 3), (200, 100, 50), dtype=np.uint8)
    rgb = ImageArrays(image).rgb
    assert rgb.shape == (SIZE_PX, SIZE_PX, 3)
    assert rgb.dtype == np.uint8
    assert (rgb == (200, 100, 50)).all()


def test_a_smaller_image_is_interpolated_without_artefacts_outside_its_levels():
    image = halves((0, 0, 0), (255, 255, 255))[::4, ::4]
    rgb = ImageArrays(image).rgb
    assert (rgb[:, :100] == 0).all()
    assert (rgb[:, 124:] == 255).all()


@given(CHANNEL, CHANNEL, CHANNEL)
def test_hue_is_close_to_the_hue_of_the_standard_library(red, green, blue):
    """The hue is an angle in the plane of the hexagonal hue, which differs by at most 1.2°."""
    arrays = pixel(red, green, blue)
    if max(red, green, blue) == min(red, green, blue):
        assert arrays.hue_cos[0, 0] == arrays.hue_sin[0, 0] == 0
        return
    expected = 2 * np.pi * colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)[0]
    difference = np.arctan2(arrays.hue_sin[0, 0], arrays.hue_cos[0, 0]) - expected
    assert abs((difference + np.pi) % (2 * np.pi) - np.pi) < np.deg2rad(1.2)


@given(CHANNEL, CHANNEL, CHANNEL)
def test_saturation_and_brightness_by_their_formulas(red, green, blue):
    arrays = pixel(red, green, blue)
    expected = (max(red, green, blue) - min(red, green, blue)) / 255
    assert arrays.saturation[5, 5] == pytest.approx(expected, abs=1e-6)
    luminance = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
    assert arrays.brightness[5, 5] == pytest.approx(luminance, abs=1e-6)


@pytest.mark.parametrize(
    ("rgb", "degrees"),
    [
        ((255, 0, 0), 0),
        ((255, 255, 0), 60),
        ((0, 255, 0), 120),
        ((0, 255, 255), 180),
        ((0, 0, 255), 240),
        ((255, 0, 255), 300),
    ],
)
def test_hues_of_the_primary_and_secondary_colours(rgb, degrees):
    arrays = pixel(*rgb)
    assert arrays.hue_cos[0, 0] == pytest.approx(np.cos(np.deg2rad(degrees)), abs=1e-6)
    assert arrays.hue_sin[0, 0] == pytest.approx(np.sin(np.deg2rad(degrees)), abs=1e-6)


def test_adding_grey_changes_neither_hue_nor_saturation():
    """This property distinguishes the improved HLS space from HSV and HLS."""
    image = smooth_colours() // 2
    darker, brighter = ImageArrays(image), ImageArrays(image + np.uint8(100))
    np.testing.assert_allclose(brighter.saturation, darker.saturation, atol=1e-6)
    coloured = darker.saturation > 0.05
    np.testing.assert_allclose(brighter.hue_cos[coloured], darker.hue_cos[coloured], atol=1e-4)
    np.testing.assert_allclose(brighter.hue_sin[coloured], darker.hue_sin[coloured], atol=1e-4)
    np.testing.assert_allclose(brighter.brightness, darker.brightness + 100 / 255, atol=1e-5)


def test_scaling_the_colours_scales_saturation_and_brightness_but_not_the_hue():
    image = smooth_colours() // 2
    single, double = ImageArrays(image), ImageArrays(image * np.uint8(2))
    np.testing.assert_allclose(double.saturation, 2 * single.saturation, atol=1e-6)
    np.testing.assert_allclose(double.brightness, 2 * single.brightness, atol=1e-5)
    np.testing.assert_allclose(double.hue_cos, single.hue_cos, atol=1e-5)


def test_hue_vectors_have_length_1_except_for_grey():
    image = colour_noise()
    image[:10] = image[:10, :, :1]
    arrays = ImageArrays(image)
    lengths = np.hypot(arrays.hue_cos, arrays.hue_sin)
    is_grey = (image == image[..., :1]).all(axis=2)
    assert is_grey[:10].all()
    assert (lengths[is_grey] == 0).all()
    np.testing.assert_allclose(lengths[~is_grey], 1, atol=1e-6)


def test_hsv_equals_that_of_opencv():
    arrays = ImageArrays(uniform(12, 34, 56))
    np.testing.assert_array_equal(arrays.hsv, cv2.cvtColor(arrays.rgb, cv2.COLOR_RGB2HSV_FULL))
    assert HSV_CHANNELS == ("hue", "saturation", "value")


def test_hsv_is_close_to_that_of_scikit_image(sample_photos):
    arrays = ImageArrays(read_photo(sample_photos / "coffee.png"))
    expected = 255 * skimage.color.rgb2hsv(arrays.rgb)
    difference = np.abs(arrays.hsv - expected)
    assert difference[..., 1:].max() <= 1.01
    # The hue of OpenCV counts 256 steps in a circle; it is badly defined for nearly grey pixels.
    hue = np.abs(arrays.hsv[..., 0] - expected[..., 0] * 256 / 255)
    assert np.minimum(hue, 256 - hue)[expected[..., 1] > 20].max() <= 1.01


def test_grey_is_close_to_the_formula_of_bt601():
    arrays = ImageArrays(colour_noise())
    assert np.abs(arrays.grey - arrays.rgb @ np.array([0.299, 0.587, 0.114])).max() <= 0.51


def test_mean_hue_is_a_weighted_mean_over_a_window():
    arrays = ImageArrays(smooth_colours())
    window = (slice(10, 60), slice(100, 190))
    weights = np.random.default_rng(0).random((50, 90), dtype=np.float32)
    expected = [np.average(plane[window], weights=weights) for plane in (arrays.hue_cos, arrays.hue_sin)]
    assert arrays.mean_hue(weights, window) == pytest.approx(expected, abs=1e-5)


def test_mean_hue_without_weights_is_zero():
    assert ImageArrays(smooth_colours()).mean_hue(np.zeros((SIZE_PX, SIZE_PX), dtype=np.float32)) == (0, 0)


@pytest.mark.parametrize("name", ["brightness", "saturation", "hsv", "grey", "regions", "hue_cos"])
def test_each_array_is_computed_once(name):
    arrays = ImageArrays(smooth_colours())
    assert getattr(arrays, name) is getattr(arrays, name)
    assert getattr(arrays, name).shape[:2] == (SIZE_PX, SIZE_PX)
