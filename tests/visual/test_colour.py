from __future__ import annotations

import cv2
import numpy as np
import pytest
import scipy.optimize
import skimage.color
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import circmean, circvar, wasserstein_distance

from imagemood.visual.colour import _colour_distances, colour_means, colourfulness, hue_statistics
from imagemood.visual.image_arrays import SIZE_PX, ImageArrays
from tests.visual.synthetic import colour_noise, halves, read_photo, smooth_colours, uniform


def means_by_loop(image):
    """Return the means of saturation and brightness, computed one pixel at a time."""
    saturation = brightness = 0.0
    pixels = image.reshape(-1, 3).tolist()
    for red, green, blue in pixels:
        saturation += (max(red, green, blue) - min(red, green, blue)) / 255
        brightness += (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
    return saturation / len(pixels), brightness / len(pixels)


def test_means_and_hue_of_uniform_red():
    red = ImageArrays(uniform(255, 0, 0))
    means = colour_means(red)
    assert means["saturation_mean"] == 1
    assert means["brightness_mean"] == pytest.approx(0.2126, abs=1e-6)
    assert means["pleasure"] == pytest.approx(0.69 * 0.2126 + 0.22, abs=1e-6)
    assert means["arousal"] == pytest.approx(-0.31 * 0.2126 + 0.60, abs=1e-6)
    assert means["dominance"] == pytest.approx(-0.76 * 0.2126 + 0.32, abs=1e-6)
    assert hue_statistics(red) == {
        "hue_cos": 1.0,
        "hue_sin": 0.0,
        "hue_spread": 0.0,
        "hue_weighted_cos": 1.0,
        "hue_weighted_sin": 0.0,
        "hue_weighted_spread": 0.0,
    }


def test_means_equal_those_of_a_loop_over_pixels(sample_photos):
    arrays = ImageArrays(read_photo(sample_photos / "coffee.png"))
    saturation, brightness = means_by_loop(arrays.rgb)
    means = colour_means(arrays)
    assert means["saturation_mean"] == pytest.approx(saturation, rel=1e-5)
    assert means["brightness_mean"] == pytest.approx(brightness, rel=1e-5)
    assert means["pleasure"] == pytest.approx(0.69 * brightness + 0.22 * saturation, rel=1e-5)


def test_black_has_no_pleasure_but_white_has():
    assert set(colour_means(ImageArrays(uniform(0, 0, 0))).values()) == {0}
    assert colour_means(ImageArrays(uniform(255, 255, 255)))["pleasure"] == pytest.approx(0.69, abs=1e-6)


def test_means_of_an_image_in_two_parts_are_weighted_by_area():
    quarter = colour_means(ImageArrays(halves((255, 0, 0), (0, 0, 0), at=SIZE_PX // 4)))
    assert quarter["saturation_mean"] == pytest.approx(0.25, abs=1e-6)
    assert quarter["brightness_mean"] == pytest.approx(0.2126 / 4, abs=1e-6)


def test_hue_statistics_equal_those_of_scipy():
    arrays = ImageArrays(colour_noise())
    hues = np.arctan2(arrays.hue_sin, arrays.hue_cos)
    measured = hue_statistics(arrays)
    assert measured["hue_spread"] == pytest.approx(circvar(hues), abs=1e-3)
    assert np.arctan2(measured["hue_sin"], measured["hue_cos"]) % (2 * np.pi) == pytest.approx(
        circmean(hues), abs=0.05
    )


def test_hue_statistics_of_a_photo_equal_those_of_scipy(sample_photos):
    arrays = ImageArrays(read_photo(sample_photos / "astronaut.png"))
    has_hue = arrays.saturation > 0
    hues = np.arctan2(arrays.hue_sin, arrays.hue_cos)[has_hue].astype(np.float64)
    measured = hue_statistics(arrays)
    assert measured["hue_spread"] == pytest.approx(circvar(hues), abs=1e-4)
    assert np.arctan2(measured["hue_sin"], measured["hue_cos"]) % (2 * np.pi) == pytest.approx(
        circmean(hues), abs=1e-3
    )
    vectors = np.exp(1j * hues) * arrays.saturation[has_hue]
    weighted = vectors.sum() / arrays.saturation.sum(dtype=np.float64)
    assert measured["hue_weighted_cos"] == pytest.approx(weighted.real, abs=1e-4)
    assert measured["hue_weighted_sin"] == pytest.approx(weighted.imag, abs=1e-4)


def test_opposite_hues_cancel_out_unless_weights_differ():
    half = ImageArrays(halves((255, 0, 0), (0, 255, 255)))
    assert hue_statistics(half)["hue_spread"] == pytest.approx(1, abs=1e-6)
    pale = ImageArrays(halves((255, 0, 0), (128, 192, 192)))  # a quarter of the saturation
    measured = hue_statistics(pale)
    assert measured["hue_cos"] == pytest.approx(0, abs=1e-6)
    assert measured["hue_weighted_cos"] == pytest.approx((1 - 64 / 255) / (1 + 64 / 255), abs=1e-5)


def test_two_hues_at_a_right_angle():
    """Red at 0° and a yellow-green at 90° have a mean vector of length cos 45°."""
    green, blue = np.sqrt(3) / 2, 0  # of saturation √3/2: the angle of (0.5, √3/2, 0) is 90° as 0.5 = (√3/2) / √3
    measured = hue_statistics(ImageArrays(halves((255, 0, 0), (round(127.5 * green), round(255 * green), blue))))
    assert measured["hue_spread"] == pytest.approx(1 - np.sqrt(0.5), abs=0.005)
    assert measured["hue_cos"] == pytest.approx(0.5, abs=0.005)
    assert measured["hue_sin"] == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize("grey", [0, 77, 255])
def test_grey_images_have_no_hue(grey):
    measured = hue_statistics(ImageArrays(uniform(grey, grey, grey)))
    assert measured["hue_cos"] == measured["hue_sin"] == measured["hue_weighted_cos"] == 0
    assert measured["hue_spread"] == measured["hue_weighted_spread"] == 1


def test_grey_pixels_do_not_change_the_hue_statistics():
    coloured = hue_statistics(ImageArrays(uniform(10, 200, 30)))
    with_grey = hue_statistics(ImageArrays(halves((10, 200, 30), (90, 90, 90))))
    assert with_grey == pytest.approx(coloured, abs=1e-5)


def test_exchanging_green_and_blue_reflects_the_hue():
    image = smooth_colours(3)
    one, other = hue_statistics(ImageArrays(image)), hue_statistics(ImageArrays(image[..., [0, 2, 1]]))
    for name in ("hue", "hue_weighted"):
        assert other[f"{name}_cos"] == pytest.approx(one[f"{name}_cos"], abs=1e-5)
        assert other[f"{name}_sin"] == pytest.approx(-one[f"{name}_sin"], abs=1e-5)
        assert other[f"{name}_spread"] == pytest.approx(one[f"{name}_spread"], abs=1e-5)


def test_rotating_the_channels_rotates_the_hue_by_120_degrees():
    image = smooth_colours(4)
    one, other = hue_statistics(ImageArrays(image)), hue_statistics(ImageArrays(image[..., [2, 0, 1]]))
    before, after = (complex(s["hue_weighted_cos"], s["hue_weighted_sin"]) for s in (one, other))
    assert after == pytest.approx(before * np.exp(2j * np.pi / 3), abs=1e-5)


@given(st.integers(0, 10_000))
@settings(max_examples=20)
def test_the_order_of_pixels_does_not_matter(seed):
    image = smooth_colours(seed)
    shuffled = np.random.default_rng(seed).permutation(image.reshape(-1, 3)).reshape(image.shape)
    for measure in (colour_means, hue_statistics, colourfulness):
        expected = measure(ImageArrays(image))
        assert measure(ImageArrays(shuffled)) == pytest.approx(expected, abs=1e-3, rel=1e-4)


def test_colourfulness_of_one_colour_is_its_mean_distance_to_all():
    distances = _colour_distances()
    for level in range(4):
        shade = 32 + 64 * level
        measured = colourfulness(ImageArrays(uniform(shade, shade, shade)))["uniform_colour_distance"]
        assert measured == pytest.approx(distances[level * 21].mean(), rel=1e-4)


def test_colourfulness_of_the_uniform_histogram_is_zero():
    levels = np.arange(4, dtype=np.uint8) * 64 + 32
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    image = np.resize(np.repeat(colours, SIZE_PX * SIZE_PX // 64, axis=0), (SIZE_PX, SIZE_PX, 3))
    assert colourfulness(ImageArrays(image))["uniform_colour_distance"] == pytest.approx(0, abs=1e-4)


def test_colour_distances_are_those_of_scikit_image():
    centres = (np.arange(4) + 0.5) / 4
    rgb = np.array([(red, green, blue) for red in centres for green in centres for blue in centres])
    luv = skimage.color.rgb2luv(rgb)
    expected = np.linalg.norm(luv[:, np.newaxis] - luv, axis=2)
    np.testing.assert_allclose(_colour_distances(), expected, atol=0.5)


def test_colourfulness_by_linear_programming(sample_photos):
    """The earth mover's distance is a transport problem, and as such a linear program."""
    image = ImageArrays(read_photo(sample_photos / "astronaut.png")).rgb
    histogram, _ = np.histogramdd(image.reshape(-1, 3), bins=[np.arange(0, 257, 64)] * 3)
    shares = histogram.ravel() / histogram.sum()
    n = len(shares)
    leaving, arriving = np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))
    solved = scipy.optimize.linprog(
        _colour_distances().ravel().astype(np.float64),
        A_eq=np.vstack([leaving, arriving]),
        b_eq=np.concatenate([shares, np.full(n, 1 / n)]),
    )
    assert solved.success
    assert colourfulness(ImageArrays(image))["uniform_colour_distance"] == pytest.approx(solved.fun, rel=1e-3)


def test_solver_for_the_earth_movers_distance_agrees_with_scipy_on_a_line():
    rng = np.random.default_rng(1)
    one, other = rng.dirichlet(np.ones(8), 2).astype(np.float32)
    positions = np.arange(8, dtype=np.float32)
    cost = np.abs(positions[:, np.newaxis] - positions)
    distance, *_ = cv2.EMD(one[:, np.newaxis], other[:, np.newaxis], cv2.DIST_USER, cost)
    assert distance == pytest.approx(wasserstein_distance(positions, positions, one, other), abs=1e-4)


def test_more_colours_are_more_colourful():
    distances = [
        colourfulness(ImageArrays(image))["uniform_colour_distance"]
        for image in (
            uniform(40, 40, 200),
            halves((40, 40, 200), (200, 200, 40)),
            smooth_colours(),
            colour_noise(),
        )
    ]
    assert distances == sorted(distances, reverse=True)


def test_a_single_colour_has_a_distance_from_75_to_154():
    """These figures are in the docstring, and the upper one is the bound in the feature's description."""
    means = _colour_distances().mean(axis=1)
    assert 75 < means.min() < 76
    assert 153 < means.max() < 154
