from __future__ import annotations

import numpy as np
import pytest

from imagemood.visual.image_arrays import SIZE_PX, ImageArrays
from imagemood.visual.itten import itten_contrasts
from tests.visual.synthetic import halves, read_photo, smooth_colours, uniform

WARMEST = np.deg2rad(50)


def contrasts_by_loop(arrays):
    """Return the contrasts by their formulas, with loops over regions and over pairs of regions."""
    regions = []
    for number in range(arrays.regions.max() + 1):
        inside = arrays.regions == number
        saturation = arrays.saturation[inside].astype(np.float64)
        x, y = (plane[inside].astype(np.float64) @ saturation for plane in (arrays.hue_cos, arrays.hue_sin))
        hue = np.arctan2(y, x) if np.hypot(x, y) > 1e-6 else None
        regions.append((inside.mean(), arrays.brightness[inside].mean(dtype=float), saturation.mean(), hue))
    shares = [share for share, *_ in regions]
    warmth = [0.0 if hue is None else s * np.cos(hue - WARMEST) for _, _, s, hue in regions]
    opposition = sum(
        a * b * s * t * max(0.0, -np.cos(h - g))
        for a, _, s, h in regions
        for b, _, t, g in regions
        if h is not None and g is not None
    )
    return {
        "contrast_light_dark": deviation([brightness for _, brightness, *_ in regions], shares),
        "contrast_saturation": deviation([saturation for _, _, saturation, _ in regions], shares),
        "contrast_warm_cold": deviation(warmth, shares),
        "contrast_complementary": 2 * opposition,
        "warm_share": sum(share * max(0.0, w) for share, w in zip(shares, warmth, strict=True)),
        "cold_share": sum(share * max(0.0, -w) for share, w in zip(shares, warmth, strict=True)),
    }


def deviation(values, weights):
    mean = np.average(values, weights=weights)
    return np.sqrt(np.average((np.array(values) - mean) ** 2, weights=weights))


@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png", "chelsea.png"])
def test_contrasts_of_a_photo_equal_those_of_a_loop(sample_photos, name):
    arrays = ImageArrays(read_photo(sample_photos / name)[:128, :128])
    assert arrays.regions.max() > 3
    assert itten_contrasts(arrays) == pytest.approx(contrasts_by_loop(arrays), abs=1e-5)


def test_contrasts_of_smooth_colours_equal_those_of_a_loop():
    arrays = ImageArrays(smooth_colours(1, 4))
    assert itten_contrasts(arrays) == pytest.approx(contrasts_by_loop(arrays), abs=1e-5)


def test_contrasts_of_one_region_are_zero():
    measured = itten_contrasts(ImageArrays(uniform(255, 128, 0)))
    assert [measured[f"contrast_{kind}"] for kind in ("light_dark", "saturation", "warm_cold")] == [0, 0, 0]
    assert measured["contrast_complementary"] == 0
    assert measured["warm_share"] > 0.9
    assert measured["cold_share"] == 0


def test_grey_is_neither_warm_nor_cold():
    assert set(itten_contrasts(ImageArrays(uniform(99, 99, 99))).values()) == {0}


def test_the_coldest_hue_is_a_blue():
    shares = {
        name: itten_contrasts(ImageArrays(uniform(*rgb)))["cold_share"]
        for name, rgb in {"azure": (0, 43, 255), "green": (0, 255, 0), "magenta": (255, 0, 255)}.items()
    }
    assert shares["azure"] > 0.99
    assert shares["green"] == 0
    assert shares["magenta"] == pytest.approx(np.cos(np.deg2rad(300 - 230)), rel=0.5)


def test_black_and_white_halves_have_the_contrast_of_light_and_dark():
    measured = itten_contrasts(ImageArrays(halves((0, 0, 0), (255, 255, 255))))
    assert measured["contrast_light_dark"] == pytest.approx(0.5, abs=0.02)
    assert measured["contrast_saturation"] == pytest.approx(0, abs=1e-6)
    assert measured["contrast_complementary"] == pytest.approx(0, abs=1e-6)


def test_unequal_areas_have_less_contrast():
    """The standard deviation of two values with shares p and 1 - p is √(p (1 - p)) times their difference."""
    measured = itten_contrasts(ImageArrays(halves((0, 0, 0), (255, 255, 255), at=SIZE_PX // 8)))
    assert measured["contrast_light_dark"] == pytest.approx(np.sqrt(1 / 8 * 7 / 8), abs=0.02)


def test_complementary_halves_of_which_one_is_warm():
    measured = itten_contrasts(ImageArrays(halves((255, 0, 0), (0, 255, 255))))
    # 2 · (½·½·1·1 + ½·½·1·1) for two saturated halves of opposite hues
    assert measured["contrast_complementary"] == pytest.approx(1, abs=0.05)
    assert measured["warm_share"] == pytest.approx(np.cos(WARMEST) / 2, abs=0.02)
    assert measured["cold_share"] == pytest.approx(np.cos(WARMEST) / 2, abs=0.02)
    assert measured["contrast_warm_cold"] == pytest.approx(np.cos(WARMEST), abs=0.03)


def test_similar_hues_are_not_complementary():
    measured = itten_contrasts(ImageArrays(halves((255, 0, 0), (255, 255, 0))))
    assert measured["contrast_complementary"] == pytest.approx(0, abs=1e-6)


def test_saturated_beside_grey():
    measured = itten_contrasts(ImageArrays(halves((255, 0, 0), (54, 54, 54))))
    assert measured["contrast_saturation"] == pytest.approx(0.5, abs=0.02)
    assert measured["contrast_light_dark"] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirror_image_has_the_same_contrasts(axis):
    image = halves((240, 60, 20), (20, 60, 240), at=90)
    image[120:] = (230, 230, 10)
    expected = itten_contrasts(ImageArrays(image))
    assert itten_contrasts(ImageArrays(np.flip(image, axis))) == pytest.approx(expected, abs=0.01)
