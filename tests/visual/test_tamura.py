from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from imagemood.visual.image_arrays import SIZE_PX, ImageArrays
from imagemood.visual.tamura import _coarseness, _contrast, _directionality, _peaks, tamura_textures
from tests.visual.synthetic import (
    checkerboard,
    colour_noise,
    grey_image,
    grey_noise,
    halves,
    read_photo,
    smooth_colours,
    stripes,
    uniform,
)


def grey_crop(path, size=48):
    """Return a detailed part of a photo as grey levels."""
    return ImageArrays(read_photo(path)[100:300, 200:400]).grey[:size, :size].astype(np.float32)


def coarseness_by_loop(grey):
    """Return the coarseness with a loop over window sizes and pixels."""
    height, width = grey.shape
    differences = []
    for k in range(1, 6):
        half = 2 ** (k - 1)
        reflected = np.pad(grey.astype(np.float64), half, mode="symmetric")
        means = np.array(
            [[reflected[y : y + 2 * half, x : x + 2 * half].mean() for x in range(width)] for y in range(height)]
        )
        padded = np.pad(means, half, mode="edge")
        across = np.abs(padded[half : half + height, 2 * half :] - padded[half : half + height, :width])
        along = np.abs(padded[2 * half :, half : half + width] - padded[:height, half : half + width])
        differences.append(np.maximum(across, along))
    sizes = []
    for y in range(height):
        for x in range(width):
            best, largest = 0, -1.0
            for k in range(5):
                if differences[k][y, x] > largest + 1e-3:
                    best, largest = k + 1, differences[k][y, x]
            sizes.append(2**best)
    return np.mean(sizes)


def directionality_by_loop(grey):
    """Return the directionality with Scharr filters of SciPy, and loops over pixels, bins and peaks."""
    kernel = np.outer([3, 10, 3], [-1, 0, 1]) / 16
    dx, dy = (scipy.ndimage.correlate(grey.astype(np.float64), k, mode="mirror") for k in (kernel, kernel.T))
    counts = [0] * 16
    for x, y in zip(dx.ravel(), dy.ravel(), strict=True):
        if (abs(x) + abs(y)) / 2 >= 12:
            counts[round(math.atan2(y, x) / (math.pi / 16)) % 16] += 1
    total = sum(counts)
    if total == 0:
        return 0.0
    shares = [count / total for count in counts]
    peaks = [
        i
        for i, share in enumerate(shares)
        if share >= 2 / 16 and all(share >= shares[(i + step) % 16] for step in (-2, -1, 1, 2))
    ] or [shares.index(max(shares))]
    second_moment = 0.0
    for i, share in enumerate(shares):
        steps = min(min((i - peak) % 16, (peak - i) % 16) for peak in peaks)
        second_moment += share * (steps * math.pi / 16) ** 2
    return 1 - 12 / math.pi**2 * len(peaks) * second_moment


@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png"])
def test_coarseness_equals_that_of_a_loop(sample_photos, name):
    grey = grey_crop(sample_photos / name)
    assert _coarseness(grey) == pytest.approx(coarseness_by_loop(grey), rel=0.005)


@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png", "chelsea.png"])
def test_directionality_equals_that_of_a_loop(sample_photos, name):
    grey = ImageArrays(read_photo(sample_photos / name)).grey.astype(np.float32)
    assert _directionality(grey) == pytest.approx(directionality_by_loop(grey), abs=0.005)


@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png", "chelsea.png"])
def test_contrast_equals_that_of_scipy(sample_photos, name):
    grey = ImageArrays(read_photo(sample_photos / name)).grey.astype(np.float32)
    kurtosis = scipy.stats.kurtosis(grey.ravel().astype(float), fisher=False)
    assert _contrast(grey) == pytest.approx(grey.std(dtype=float) / kurtosis**0.25, rel=1e-4)


def test_coarseness_grows_with_the_size_of_squares():
    found = [tamura_textures(ImageArrays(checkerboard(side)))["tamura_coarseness"] for side in (4, 8, 16, 28)]
    assert found == sorted(found)
    assert found[0] < 4
    assert found[-1] > 14


def test_coarseness_of_a_uniform_image_is_that_of_the_smallest_window():
    assert tamura_textures(ImageArrays(uniform(7, 7, 7)))["tamura_coarseness"] == 2


def test_coarseness_does_not_depend_on_brightness_or_contrast():
    image = checkerboard(8)
    expected = tamura_textures(ImageArrays(image))["tamura_coarseness"]
    for changed in (image // 2, image // 2 + 100, 255 - image):
        assert tamura_textures(ImageArrays(changed))["tamura_coarseness"] == pytest.approx(expected, abs=0.01)


def test_contrast_of_black_and_white_is_their_standard_deviation():
    """Two equally frequent values have a kurtosis of 1."""
    measured = tamura_textures(ImageArrays(halves((0, 0, 0), (255, 255, 255))))
    assert measured["tamura_contrast"] == pytest.approx(127.5, rel=1e-4)
    assert tamura_textures(ImageArrays(uniform(9, 9, 9)))["tamura_contrast"] == 0


def test_contrast_of_a_rare_value_by_hand():
    """With shares p and 1 - p, the variance is p (1 - p) d² and the kurtosis is 1 / (p (1 - p)) - 3."""
    measured = tamura_textures(ImageArrays(halves((0, 0, 0), (200, 200, 200), at=SIZE_PX // 8)))
    p = 1 / 8
    expected = 200 * math.sqrt(p * (1 - p)) / (1 / (p * (1 - p)) - 3) ** 0.25
    assert measured["tamura_contrast"] == pytest.approx(expected, rel=1e-4)


def test_half_the_contrast_and_the_negative():
    image = grey_noise() // 2 * 2
    full, half, negative = (
        tamura_textures(ImageArrays(pixels))["tamura_contrast"] for pixels in (image, image // 2, 255 - image)
    )
    assert half == pytest.approx(full / 2, rel=1e-4)
    assert negative == pytest.approx(full, rel=1e-4)


@pytest.mark.parametrize("angle", [0, 45, 90, 135])
def test_stripes_have_one_direction(angle):
    assert tamura_textures(ImageArrays(stripes(16, angle)))["tamura_directionality"] > 0.97


def test_noise_has_no_direction_and_a_grid_has_two():
    assert abs(tamura_textures(ImageArrays(grey_noise()))["tamura_directionality"]) < 0.15
    grid = np.maximum(stripes(16, 0), stripes(16, 90))
    assert tamura_textures(ImageArrays(grid))["tamura_directionality"] > 0.5
    assert tamura_textures(ImageArrays(uniform(9, 9, 9)))["tamura_directionality"] == 0


def test_concentric_rings_have_all_directions():
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX] - SIZE_PX / 2
    rings = grey_image(127.5 + 127.5 * np.sin(2 * np.pi * np.hypot(x, y) / 20))
    assert abs(tamura_textures(ImageArrays(rings))["tamura_directionality"]) < 0.3


def test_weak_edges_have_no_direction():
    weak = grey_image(np.array([100, 110])[np.mgrid[:SIZE_PX, :SIZE_PX][1] // 8 % 2])
    assert tamura_textures(ImageArrays(weak))["tamura_directionality"] == 0


def test_directionality_is_the_same_after_a_quarter_turn():
    image = smooth_colours(6, 25)
    one, other = (tamura_textures(ImageArrays(np.rot90(image, k)))["tamura_directionality"] for k in (0, 1))
    assert other == pytest.approx(one, abs=0.01)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirror_image_has_the_same_contrast_and_nearly_the_same_coarseness(axis):
    image = colour_noise(1)
    one, other = (tamura_textures(ImageArrays(pixels)) for pixels in (image, np.flip(image, axis)))
    assert other["tamura_contrast"] == pytest.approx(one["tamura_contrast"], rel=1e-6)
    assert other["tamura_coarseness"] == pytest.approx(one["tamura_coarseness"], rel=0.02)


def histogram(**shares):
    values = np.zeros(16)
    for name, share in shares.items():
        values[int(name[3:])] = share
    return values


def test_peaks_by_hand():
    assert _peaks(histogram(bin3=1.0)).tolist() == [3]
    assert _peaks(histogram(bin0=0.5, bin8=0.5)).tolist() == [0, 8]
    assert _peaks(histogram(bin3=0.6, bin5=0.4)).tolist() == [3]  # within two bins of a higher one
    assert _peaks(histogram(bin3=0.6, bin6=0.4)).tolist() == [3, 6]
    assert _peaks(histogram(bin15=0.6, bin0=0.4)).tolist() == [15]  # the histogram is circular
    assert _peaks(histogram(bin1=0.9, bin9=0.1)).tolist() == [1]  # lower than 2 / 16


def test_a_histogram_without_clear_peaks_has_its_largest_bin_as_the_peak():
    values = np.full(16, 0.06)
    values[11] = 0.1
    assert _peaks(values).tolist() == [11]


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_turning_a_histogram_turns_its_peaks(seed):
    rng = np.random.default_rng(seed)
    values = rng.dirichlet(np.full(16, 0.3))
    turn = int(rng.integers(16))
    assert set(_peaks(np.roll(values, turn))) == {(peak + turn) % 16 for peak in _peaks(values)}
