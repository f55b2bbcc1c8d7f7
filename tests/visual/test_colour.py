from __future__ import annotations

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import circmean, circvar, wasserstein_distance

from imagemood.visual import colour, colour_names, itten
from imagemood.visual.picture import SIZE_PX, Picture
from tests.visual.made import halves, plain

CHANNEL = st.integers(0, 255)


def test_plain_red():
    red = Picture(plain(255, 0, 0))
    means = colour.means(red)
    assert means["saturation_mean"] == 1
    assert means["brightness_mean"] == pytest.approx(0.2126, abs=1e-6)
    assert means["pleasure"] == pytest.approx(0.69 * 0.2126 + 0.22, abs=1e-6)
    assert means["arousal"] == pytest.approx(-0.31 * 0.2126 + 0.60, abs=1e-6)
    assert means["dominance"] == pytest.approx(-0.76 * 0.2126 + 0.32, abs=1e-6)
    assert colour.hue(red) == {
        "hue_cos": 1.0,
        "hue_sin": 0.0,
        "hue_spread": 0.0,
        "hue_weighted_cos": 1.0,
        "hue_weighted_sin": 0.0,
        "hue_weighted_spread": 0.0,
    }


@given(CHANNEL, CHANNEL, CHANNEL)
def test_hue_is_nearly_that_of_the_standard_library(red, green, blue):
    """The hue of the improved HLS space is an angle in the same plane: within 1.2° of the hexagonal one."""
    picture = Picture(plain(red, green, blue))
    if max(red, green, blue) == min(red, green, blue):
        assert picture.hue_cos[0, 0] == picture.hue_sin[0, 0] == 0
        return
    expected = 2 * np.pi * colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)[0]
    difference = np.arctan2(picture.hue_sin[0, 0], picture.hue_cos[0, 0]) - expected
    assert abs((difference + np.pi) % (2 * np.pi) - np.pi) < np.deg2rad(1.2)


def test_hues_average_as_scipy_does():
    dice = np.random.default_rng(0)
    picture = Picture(dice.integers(0, 256, (SIZE_PX, SIZE_PX, 3), dtype=np.uint8))
    hues = np.arctan2(picture.hue_sin, picture.hue_cos)
    measured = colour.hue(picture)
    assert measured["hue_spread"] == pytest.approx(circvar(hues), abs=1e-3)
    assert np.arctan2(measured["hue_sin"], measured["hue_cos"]) % (2 * np.pi) == pytest.approx(
        circmean(hues), abs=0.05
    )


def test_opposite_hues_cancel_out_and_weights_decide():
    half = Picture(halves((255, 0, 0), (0, 255, 255)))
    assert colour.hue(half)["hue_spread"] == pytest.approx(1, abs=1e-6)
    pale = Picture(halves((255, 0, 0), (128, 192, 192)))  # a quarter of the saturation
    measured = colour.hue(pale)
    assert measured["hue_cos"] == pytest.approx(0, abs=1e-6)
    assert measured["hue_weighted_cos"] == pytest.approx((1 - 64 / 255) / (1 + 64 / 255), abs=1e-5)


@pytest.mark.parametrize("grey", [0, 77, 255])
def test_greys_have_no_hue(grey):
    measured = colour.hue(Picture(plain(grey, grey, grey)))
    assert measured["hue_cos"] == measured["hue_sin"] == measured["hue_weighted_cos"] == 0
    assert measured["hue_spread"] == measured["hue_weighted_spread"] == 1


def test_earth_movers_distance_of_one_colour_is_its_mean_distance_to_all():
    distances = colour._colour_distances()
    for level in range(4):
        shade = 32 + 64 * level
        measured = colour.colourfulness(Picture(plain(shade, shade, shade)))["uniform_colour_distance"]
        assert measured == pytest.approx(distances[level * 21].mean(), rel=1e-4)


def test_earth_movers_distance_of_all_colours_alike_is_null():
    levels = np.arange(4, dtype=np.uint8) * 64 + 32
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    image = np.resize(np.repeat(colours, SIZE_PX * SIZE_PX // 64, axis=0), (SIZE_PX, SIZE_PX, 3))
    assert colour.colourfulness(Picture(image))["uniform_colour_distance"] == pytest.approx(0, abs=1e-4)


def test_earth_movers_distance_on_a_line_is_that_of_scipy():
    """OpenCV's solver against SciPy's, where distances are those of places on a line."""
    import cv2

    dice = np.random.default_rng(1)
    one, other = dice.dirichlet(np.ones(8), 2).astype(np.float32)
    places = np.arange(8, dtype=np.float32)
    cost = np.abs(places[:, np.newaxis] - places)
    distance, *_ = cv2.EMD(one[:, np.newaxis], other[:, np.newaxis], cv2.DIST_USER, cost)
    assert distance == pytest.approx(wasserstein_distance(places, places, one, other), abs=1e-4)


@pytest.mark.parametrize(("name", "rgb"), colour_names.BASIC_COLOURS.items())
def test_a_basic_colour_has_its_name(name, rgb):
    shares = colour_names.shares(Picture(plain(*rgb)))
    assert shares[f"colour_{name}"] == 1
    assert sum(shares.values()) == 1


def test_shares_of_two_colours():
    shares = colour_names.shares(Picture(halves((255, 255, 255), (0, 0, 0), at=SIZE_PX // 4)))
    assert shares["colour_white"] == 0.25
    assert shares["colour_black"] == 0.75


def test_contrasts_of_one_region_are_null():
    measured = itten.contrasts(Picture(plain(255, 128, 0)))
    assert [measured[f"contrast_{kind}"] for kind in ("light_dark", "saturation", "warm_cold")] == [0, 0, 0]
    assert measured["contrast_complementary"] == 0
    assert measured["warm_share"] > 0.9
    assert measured["cold_share"] == 0


def test_black_and_white_halves_have_the_contrast_of_light_and_dark():
    measured = itten.contrasts(Picture(halves((0, 0, 0), (255, 255, 255))))
    assert measured["contrast_light_dark"] == pytest.approx(0.5, abs=0.02)
    assert measured["contrast_saturation"] == pytest.approx(0, abs=1e-6)
    assert measured["contrast_complementary"] == pytest.approx(0, abs=1e-6)


def test_complements_and_warm_beside_cold():
    measured = itten.contrasts(Picture(halves((255, 0, 0), (0, 255, 255))))
    # 2 · (½·½·1·1 + ½·½·1·1) for two saturated halves of opposite hues
    assert measured["contrast_complementary"] == pytest.approx(1, abs=0.05)
    assert measured["warm_share"] == pytest.approx(np.cos(np.deg2rad(50)) / 2, abs=0.02)
    assert measured["cold_share"] == pytest.approx(np.cos(np.deg2rad(50)) / 2, abs=0.02)
    assert measured["contrast_warm_cold"] == pytest.approx(np.cos(np.deg2rad(50)), abs=0.03)


def test_saturated_beside_grey():
    measured = itten.contrasts(Picture(halves((255, 0, 0), (54, 54, 54))))
    assert measured["contrast_saturation"] == pytest.approx(0.5, abs=0.02)
    assert measured["contrast_light_dark"] == pytest.approx(0, abs=0.01)
