from __future__ import annotations

import cv2
import numpy as np
import pytest

from imagemood.visual.composition import level_of_detail, line_dynamics, rule_of_thirds
from imagemood.visual.image_arrays import SIZE_PX, ImageArrays
from tests.visual.synthetic import colour_noise, grey_noise, read_photo, smooth_colours, stripes, uniform

THIRD = slice(SIZE_PX // 3, 2 * SIZE_PX // 3 + 1)


def lines(*ends, background=255):
    """Return the features of an image with lines between pairs of points (x, y)."""
    image = uniform(background, background, background)
    for start, end in ends:
        cv2.line(image, start, end, (255 - background,) * 3, 3)
    return line_dynamics(ImageArrays(image))


def line_at(degrees, length=150):
    """Return the ends of a line through the centre of the image."""
    step = length / 2 * np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    return tuple(np.rint(112 - step).astype(int).tolist()), tuple(np.rint(112 + step).astype(int).tolist())


def test_level_of_detail_counts_regions():
    image = uniform(255, 255, 255)
    image[:, SIZE_PX // 2 :] = (255, 0, 0)
    image[SIZE_PX // 2 :, : SIZE_PX // 2] = (0, 0, 255)
    arrays = ImageArrays(image)
    assert level_of_detail(arrays) == {"level_of_detail": 3}
    assert len(set(arrays.regions[[5, 5, -5], [5, -5, 5]].tolist())) == 3
    assert level_of_detail(ImageArrays(uniform(1, 2, 3)))["level_of_detail"] == 1
    assert level_of_detail(ImageArrays(grey_noise()))["level_of_detail"] >= 1


def test_each_disc_adds_a_region():
    image = uniform(20, 20, 20)
    for n_discs, centre in enumerate(((50, 50), (150, 60), (100, 150), (190, 190)), start=1):
        cv2.circle(image, centre, 25, (240, 60 * n_discs % 256, 30), -1)
        assert level_of_detail(ImageArrays(image))["level_of_detail"] == 1 + n_discs


def test_level_of_detail_is_the_number_of_different_regions(sample_photos):
    arrays = ImageArrays(read_photo(sample_photos / "coffee.png"))
    assert level_of_detail(arrays)["level_of_detail"] == len(np.unique(arrays.regions)) > 10


def test_horizontal_and_vertical_lines_are_static():
    measured = lines(((20, 100), (200, 100)), ((60, 20), (60, 90)))
    assert measured["lines_static_share"] == 1
    assert measured["lines_slanted_share"] == measured["lines_slanted_length"] == 0
    assert 0.2 < measured["lines_static_length"] < 0.85


def test_diagonal_lines_are_slanted():
    measured = lines(((30, 40), (180, 190)))
    assert measured["lines_slanted_share"] > 0.9
    assert measured["lines_slanted_length"] > 0.3


@pytest.mark.parametrize("degrees", [0, 5, 85, 90, 95, 175])
def test_lines_within_10_degrees_are_static(degrees):
    assert lines(line_at(degrees))["lines_static_share"] == 1


@pytest.mark.parametrize("degrees", [20, 30, 45, 60, 70, 110, 135, 160])
def test_lines_beyond_10_degrees_are_slanted(degrees):
    assert lines(line_at(degrees))["lines_slanted_share"] == 1


def test_an_image_without_lines():
    assert set(lines().values()) == {0}
    assert set(line_dynamics(ImageArrays(uniform(90, 10, 200))).values()) == {0}


def test_lines_shorter_than_a_tenth_of_the_side_do_not_count():
    assert set(lines(((100, 100), (108, 100))).values()) == {0}
    assert lines(((60, 100), (160, 100)))["lines_static_share"] == 1


@pytest.mark.parametrize("length", [60, 120, 180])
def test_the_length_of_a_line_is_relative_to_the_side(length):
    measured = lines(((20, 112), (20 + length, 112)))
    assert measured["lines_static_length"] == pytest.approx(length / SIZE_PX, abs=0.04)


def test_an_edge_from_top_to_bottom_has_the_length_of_the_side():
    image = uniform(0, 0, 0)
    image[:, 112:] = 255
    assert line_dynamics(ImageArrays(image))["lines_static_length"] == pytest.approx(1, abs=0.02)


def test_the_negative_has_the_same_lines():
    assert lines(line_at(30), line_at(90), background=0) == pytest.approx(
        lines(line_at(30), line_at(90), background=255), abs=0.05
    )


@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png"])
def test_shares_sum_to_1_in_a_photo_with_lines(sample_photos, name):
    measured = line_dynamics(ImageArrays(read_photo(sample_photos / name)))
    assert measured["lines_static_share"] + measured["lines_slanted_share"] == pytest.approx(1)
    for kind in ("static", "slanted"):
        assert 0.1 <= measured[f"lines_{kind}_length"] <= np.sqrt(2)


def test_stripes_are_static_or_slanted():
    assert line_dynamics(ImageArrays(stripes(30, 0)))["lines_static_share"] > 0.95
    assert line_dynamics(ImageArrays(stripes(30, 45)))["lines_slanted_share"] > 0.95


def test_the_central_ninth():
    image = uniform(0, 0, 0)
    image[THIRD, THIRD] = (0, 255, 0)
    measured = rule_of_thirds(ImageArrays(image))
    assert measured["thirds_saturation"] == 1
    assert measured["thirds_brightness"] == pytest.approx(0.7152, abs=1e-5)
    assert measured["thirds_hue_cos"] == pytest.approx(-0.5, abs=1e-4)
    assert measured["thirds_hue_sin"] == pytest.approx(np.sqrt(3) / 2, abs=1e-4)
    assert rule_of_thirds(ImageArrays(uniform(90, 90, 90)))["thirds_hue_cos"] == 0


def test_nothing_outside_the_central_ninth_counts():
    image = smooth_colours()
    changed = 255 - image
    changed[THIRD, THIRD] = image[THIRD, THIRD]
    assert rule_of_thirds(ImageArrays(changed)) == rule_of_thirds(ImageArrays(image))


def test_means_over_the_central_ninth_equal_those_of_a_loop(sample_photos):
    arrays = ImageArrays(read_photo(sample_photos / "astronaut.png"))
    saturation = brightness = 0.0
    vector = 0j
    pixels = (arrays.rgb[THIRD, THIRD].reshape(-1, 3) / 255).tolist()
    for red, green, blue in pixels:
        chroma = max(red, green, blue) - min(red, green, blue)
        saturation += chroma
        brightness += 0.2126 * red + 0.7152 * green + 0.0722 * blue
        direction = complex(red - (green + blue) / 2, np.sqrt(3) / 2 * (green - blue))
        vector += chroma * direction / abs(direction) if abs(direction) > 1e-6 else 0
    measured = rule_of_thirds(arrays)
    assert measured["thirds_saturation"] == pytest.approx(saturation / len(pixels), rel=1e-4)
    assert measured["thirds_brightness"] == pytest.approx(brightness / len(pixels), rel=1e-4)
    assert measured["thirds_hue_cos"] == pytest.approx(vector.real / saturation, abs=1e-4)
    assert measured["thirds_hue_sin"] == pytest.approx(vector.imag / saturation, abs=1e-4)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turning_the_image_does_not_change_its_centre(turns):
    image = colour_noise()
    expected = rule_of_thirds(ImageArrays(image))
    assert rule_of_thirds(ImageArrays(np.rot90(image, turns))) == pytest.approx(expected, abs=1e-5)
