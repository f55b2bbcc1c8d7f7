from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagemood.visual.cooccurrence import cooccurrence_textures
from imagemood.visual.image_arrays import HSV_CHANNELS, SIZE_PX, ImageArrays
from tests.visual.synthetic import (
    checkerboard,
    colour_noise,
    grey_image,
    halves,
    read_photo,
    smooth_colours,
    uniform,
)

STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))


def textures_by_counting(levels):
    """Return contrast, correlation, energy and homogeneity from pairs counted directly."""
    height, width = levels.shape
    found = []
    for down, right in STEPS:
        first = levels[: height - down, max(0, -right) : width - max(0, right)]
        second = levels[down:, max(0, right) : width + min(0, right)]
        counts = np.zeros((32, 32))
        np.add.at(counts, (first.ravel(), second.ravel()), 1)
        p = (counts + counts.T) / (2 * first.size)
        i, j = np.mgrid[:32, :32]
        mean = (p * i).sum()
        variance = (p * (i - mean) ** 2).sum()
        found.append(
            (
                (p * (i - j) ** 2).sum() / 31**2,
                (p * (i - mean) * (j - mean)).sum() / variance if variance > 1e-12 else 1.0,
                np.sqrt((p**2).sum()),
                (p / (1 + (i - j) ** 2)).sum(),
            )
        )
    return np.mean(found, axis=0)


def assert_equal_to_counting(arrays):
    measured = cooccurrence_textures(arrays)
    for c, channel in enumerate(HSV_CHANNELS):
        expected = textures_by_counting(arrays.hsv[..., c] >> 3)
        names = [f"glcm_{kind}_{channel}" for kind in ("contrast", "correlation", "energy", "homogeneity")]
        assert [measured[name] for name in names] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png", "chelsea.png"])
def test_textures_of_a_photo_equal_those_from_counting_pairs(sample_photos, name):
    assert_equal_to_counting(ImageArrays(read_photo(sample_photos / name)))


@given(st.integers(0, 10_000), st.integers(2, 60))
@settings(max_examples=15)
def test_textures_equal_those_from_counting_pairs(seed, n_patches):
    assert_equal_to_counting(ImageArrays(smooth_colours(seed, n_patches)))


def test_textures_of_a_uniform_image():
    measured = cooccurrence_textures(ImageArrays(uniform(200, 30, 30)))
    for channel in HSV_CHANNELS:
        assert measured[f"glcm_contrast_{channel}"] == 0
        assert measured[f"glcm_energy_{channel}"] == 1
        assert measured[f"glcm_homogeneity_{channel}"] == 1
        assert measured[f"glcm_correlation_{channel}"] == 1


def test_textures_of_a_checkerboard_of_pixels():
    """Horizontal and vertical neighbours differ by all levels, diagonal neighbours are equal."""
    measured = cooccurrence_textures(ImageArrays(checkerboard(1)))
    assert measured["glcm_contrast_value"] == pytest.approx(0.5, abs=1e-3)
    assert measured["glcm_homogeneity_value"] == pytest.approx((1 + 1 / (1 + 31**2)) / 2, abs=1e-3)
    assert measured["glcm_correlation_value"] == pytest.approx(0, abs=1e-2)
    assert measured["glcm_energy_value"] == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_contrast_of_one_edge_by_hand():
    """At a vertical edge, one of 223 horizontal and diagonal pairs in each row differs, and no vertical pair."""
    measured = cooccurrence_textures(ImageArrays(halves((0, 0, 0), (255, 255, 255))))
    assert measured["glcm_contrast_value"] == pytest.approx(3 / 4 / 223, rel=1e-9)
    assert measured["glcm_contrast_hue"] == 0


def test_independent_pixels_are_not_correlated():
    measured = cooccurrence_textures(ImageArrays(colour_noise()))
    assert measured["glcm_correlation_value"] == pytest.approx(0, abs=0.02)
    assert measured["glcm_energy_saturation"] < 0.1


def test_smooth_images_are_correlated_and_homogeneous():
    ramp = grey_image(np.broadcast_to(np.linspace(0, 255, SIZE_PX), (SIZE_PX, SIZE_PX)))
    measured = cooccurrence_textures(ImageArrays(ramp))
    assert measured["glcm_correlation_value"] > 0.99
    assert measured["glcm_homogeneity_value"] > 0.9


@pytest.mark.parametrize("turn", ["mirrored", "upside down", "transposed", "turned by 90°"])
def test_mirroring_and_turning_change_nothing(turn):
    image = smooth_colours(8, 30)
    changed = {
        "mirrored": image[:, ::-1],
        "upside down": image[::-1],
        "transposed": image.transpose(1, 0, 2),
        "turned by 90°": np.rot90(image),
    }[turn]
    expected = cooccurrence_textures(ImageArrays(image))
    assert cooccurrence_textures(ImageArrays(changed)) == pytest.approx(expected, abs=1e-9)


def test_the_negative_has_the_same_textures_of_value():
    image = grey_image(np.random.default_rng(0).integers(0, 256, (SIZE_PX, SIZE_PX)))
    one, other = (cooccurrence_textures(ImageArrays(pixels)) for pixels in (image, 255 - image))
    for kind in ("contrast", "correlation", "energy", "homogeneity"):
        assert other[f"glcm_{kind}_value"] == pytest.approx(one[f"glcm_{kind}_value"], abs=1e-9)
