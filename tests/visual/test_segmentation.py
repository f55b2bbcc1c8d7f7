from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagemood.visual import SIZE_PX
from imagemood.visual.segmentation import _assign_boundaries, segment
from tests.visual.synthetic import grey_noise, halves, read_photo, smooth_colours, uniform


def n_regions(image):
    return int(segment(image).max()) + 1


def grid(n_rows, n_columns, seed=0):
    """Return an image of uniform rectangles, with colours that differ strongly between neighbours."""
    rng = np.random.default_rng(seed)
    rows = np.arange(SIZE_PX) * n_rows // SIZE_PX
    columns = np.arange(SIZE_PX) * n_columns // SIZE_PX
    checker = (rows[:, np.newaxis] + columns) % 2
    colours = np.stack(
        [rng.integers(0, 40, (n_rows, n_columns, 3)), rng.integers(200, 256, (n_rows, n_columns, 3))]
    )
    return colours[checker, rows[:, np.newaxis], columns].astype(np.uint8)


def test_a_uniform_image_is_one_region():
    assert (segment(uniform(1, 2, 3)) == 0).all()


def test_halves_are_separated_at_their_boundary():
    regions = segment(halves((255, 0, 0), (0, 255, 255), at=100))
    assert regions.shape == (SIZE_PX, SIZE_PX)
    assert regions.dtype == np.int32
    assert (regions[:, :98] == regions[0, 0]).all()
    assert (regions[:, 102:] == regions[0, -1]).all()
    assert regions[0, 0] != regions[0, -1]


@pytest.mark.parametrize(("n_rows", "n_columns"), [(1, 2), (2, 2), (3, 5), (7, 7)])
def test_rectangles_are_counted(n_rows, n_columns):
    assert n_regions(grid(n_rows, n_columns)) == n_rows * n_columns


def test_a_disc_and_its_background():
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX]
    is_disc = np.hypot(x - 112, y - 112) < 60
    image = uniform(0, 0, 0)
    image[is_disc] = (250, 240, 10)
    regions = segment(image)
    assert regions.max() == 1
    disc = regions == regions[112, 112]
    assert np.count_nonzero(disc ^ is_disc) < 0.02 * SIZE_PX**2


@pytest.mark.parametrize(("step", "expected"), [(2, 1), (4, 1), (8, 2), (12, 2), (60, 2)])
def test_only_an_edge_of_six_grey_levels_separates_regions(step, expected):
    """A step of s levels, blurred with σ = 1.5, has a slope of s / (1.5 √(2π)): 8 times this must exceed 12."""
    assert n_regions(halves((100,) * 3, (100 + step,) * 3)) == expected


def test_noise_without_flat_parts_has_no_gaps_in_the_numbers():
    regions = segment(grey_noise())
    assert np.unique(regions).tolist() == list(range(regions.max() + 1))


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_tiny_images_have_regions(image):
    regions = segment(image)
    assert regions.shape == image.shape[:2]
    assert np.unique(regions).tolist() == list(range(regions.max() + 1))


def test_a_steep_ramp_has_no_flat_part_and_is_one_region():
    ramp = np.repeat(np.linspace(0, 255, 60)[np.newaxis, :, np.newaxis], 60, axis=0)
    assert n_regions(np.repeat(ramp, 3, axis=2).astype(np.uint8)) == 1


def test_a_gentle_ramp_is_flat_everywhere():
    ramp = np.repeat(np.linspace(100, 150, SIZE_PX)[np.newaxis, :, np.newaxis], SIZE_PX, axis=0)
    assert n_regions(np.repeat(ramp, 3, axis=2).astype(np.uint8)) == 1


@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirror_image_has_as_many_regions(axis):
    image = grid(4, 3, seed=1)
    assert n_regions(np.flip(image, axis)) == n_regions(image) == 12


def test_each_region_of_a_photo_is_connected(sample_photos):
    photo = read_photo(sample_photos / "coffee.png")[:224, :224]
    regions = segment(photo)
    sizes = np.bincount(regions.ravel())
    assert sizes.min() > 0
    assert sizes.sum() == regions.size
    for number in np.argsort(sizes)[-20:]:
        assert scipy.ndimage.label(regions == number, np.ones((3, 3)))[1] == 1


@given(st.integers(0, 10_000), st.integers(2, 30))
@settings(max_examples=25)
def test_numbers_have_no_gaps(seed, n_patches):
    regions = segment(smooth_colours(seed, n_patches))
    assert regions.min() == 0
    assert (np.bincount(regions.ravel()) > 0).all()


def test_a_corner_without_a_labelled_neighbour_is_assigned_too():
    labels = np.array([[-1, -1, -1], [-1, -1, 4], [-1, 4, 4]], dtype=np.int32)
    assert (_assign_boundaries(labels) == 0).all()


def test_boundaries_are_assigned_to_a_neighbour_and_numbers_start_at_0():
    labels = np.array([[-1, -1, -1, -1, -1], [-1, 3, -1, 7, -1], [-1, 3, -1, 7, -1], [-1, -1, -1, -1, -1]])
    assigned = _assign_boundaries(labels.astype(np.int32))
    assert assigned.tolist() == [[0, 0, 1, 1, 1]] * 4
