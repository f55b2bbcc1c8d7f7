from __future__ import annotations

import numpy as np
import pytest
import skimage.color
from hypothesis import given
from hypothesis import strategies as st

from imagemood.visual.colour_names import BASIC_COLOURS, colour_name_shares
from imagemood.visual.image_arrays import SIZE_PX, ImageArrays
from tests.visual.synthetic import colour_noise, halves, read_photo, uniform


def nearest_by_scikit_image(rgb):
    """Return the index of the nearest basic colour for each colour, and how clearly it is the nearest one."""
    lab = skimage.color.rgb2lab(rgb[np.newaxis] / 31)[0]
    basic = skimage.color.rgb2lab(np.array([list(BASIC_COLOURS.values())]) / 255)[0]
    distances = np.linalg.norm(lab[:, np.newaxis] - basic, axis=2)
    first, second = np.sort(distances, axis=1)[:, :2].T
    return distances.argmin(axis=1), second - first


@pytest.mark.parametrize(("name", "rgb"), BASIC_COLOURS.items())
def test_a_basic_colour_has_its_name(name, rgb):
    shares = colour_name_shares(ImageArrays(uniform(*rgb)))
    assert shares[f"colour_{name}"] == 1
    assert sum(shares.values()) == 1


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((10, 10, 12), "black"),
        ((250, 250, 245), "white"),
        ((120, 124, 122), "grey"),
        ((200, 10, 20), "red"),
        ((255, 140, 20), "orange"),
        ((245, 240, 60), "yellow"),
        ((40, 160, 40), "green"),
        ((20, 50, 200), "blue"),
        ((110, 40, 140), "purple"),
        ((250, 140, 190), "pink"),
        ((95, 60, 15), "brown"),
    ],
)
def test_other_shades_have_the_name_that_people_would_give_them(rgb, name):
    assert colour_name_shares(ImageArrays(uniform(*rgb)))[f"colour_{name}"] == 1


def test_there_are_the_eleven_basic_colours_in_alphabetical_order():
    assert len(BASIC_COLOURS) == 11
    assert list(BASIC_COLOURS) == sorted(BASIC_COLOURS)
    assert list(colour_name_shares(ImageArrays(uniform(0, 0, 0)))) == [f"colour_{name}" for name in BASIC_COLOURS]


def test_shares_of_two_colours():
    shares = colour_name_shares(ImageArrays(halves((255, 255, 255), (0, 0, 0), at=SIZE_PX // 4)))
    assert shares["colour_white"] == 0.25
    assert shares["colour_black"] == 0.75


def test_the_nearest_colour_is_that_of_scikit_image():
    """All 32,768 colours, except those that are almost as close to two basic colours."""
    levels = np.arange(32)
    rgb = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    expected, margin = nearest_by_scikit_image(rgb)
    n_clear = 0
    for number, name in enumerate(BASIC_COLOURS):
        clear = rgb[(expected == number) & (margin > 0.5)]
        image = np.resize((clear * 8).astype(np.uint8), (SIZE_PX, SIZE_PX, 3))
        assert colour_name_shares(ImageArrays(image))[f"colour_{name}"] == 1
        n_clear += len(clear)
    assert n_clear > 0.97 * len(rgb)


def test_shares_of_a_photo_equal_those_of_scikit_image(sample_photos):
    arrays = ImageArrays(read_photo(sample_photos / "coffee.png"))
    expected, _ = nearest_by_scikit_image((arrays.rgb >> 3).reshape(-1, 3))
    counts = np.bincount(expected, minlength=11) / expected.size
    assert list(colour_name_shares(arrays).values()) == pytest.approx(counts, abs=0.005)


@pytest.mark.parametrize("seed", range(3))
def test_shares_sum_to_1_and_do_not_depend_on_the_order_of_pixels(seed):
    image = colour_noise(seed)
    shares = colour_name_shares(ImageArrays(image))
    assert sum(shares.values()) == pytest.approx(1)
    assert colour_name_shares(ImageArrays(image[::-1].transpose(1, 0, 2))) == shares


@given(*[st.integers(0, 31)] * 3, *[st.integers(0, 7)] * 3)
def test_the_three_lowest_bits_do_not_matter(red, green, blue, red_rest, green_rest, blue_rest):
    reduced = uniform(8 * red, 8 * green, 8 * blue)
    full = reduced + np.array([red_rest, green_rest, blue_rest], dtype=np.uint8)
    assert colour_name_shares(ImageArrays(full)) == colour_name_shares(ImageArrays(reduced))
