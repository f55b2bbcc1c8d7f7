from __future__ import annotations

import numpy as np
import pytest
import pywt
from hypothesis import given, settings
from hypothesis import strategies as st

from imagemood.visual.image_arrays import HSV_CHANNELS, SIZE_PX, ImageArrays
from imagemood.visual.wavelets import _share_in_centre, wavelet_details
from tests.visual.synthetic import colour_noise, grey_noise, read_photo, smooth_colours, stripes, uniform

LEVELS = (1, 2, 3)
# The filter of Daubechies (1992) with two vanishing moments, in closed form.
ROOT = np.sqrt(3)
LOW_PASS = np.array([1 + ROOT, 3 + ROOT, 3 - ROOT, 1 - ROOT]) / (4 * np.sqrt(2))
HIGH_PASS = LOW_PASS[::-1] * [1, -1, 1, -1]


def analyse(values, taps, axis):
    """Filter along an axis with wrap-around: value k is computed from the values 2k - 1 to 2k + 2."""
    filtered = sum(tap * np.roll(values, 1 - shift, axis) for shift, tap in enumerate(taps))
    return np.take(filtered, np.arange(0, values.shape[axis], 2), axis)


def details_by_filters(plane):
    """Return the amplitude of each level, by the two filters alone."""
    amplitudes, coarse = [], plane
    for _ in LEVELS:
        low, high = analyse(coarse, LOW_PASS, 0), analyse(coarse, HIGH_PASS, 0)
        bands = [analyse(low, HIGH_PASS, 1), analyse(high, LOW_PASS, 1), analyse(high, HIGH_PASS, 1)]
        amplitudes.append(np.sqrt(sum((band**2).sum() for band in bands) / plane.size))
        coarse = analyse(low, LOW_PASS, 1)
    return amplitudes


@pytest.mark.parametrize("name", ["coffee.png", "astronaut.png"])
def test_amplitudes_equal_those_of_the_filters_alone(sample_photos, name):
    arrays = ImageArrays(read_photo(sample_photos / name))
    measured = wavelet_details(arrays)
    for c, channel in enumerate(HSV_CHANNELS):
        expected = details_by_filters(arrays.hsv[..., c] / 255)
        amplitudes = [measured[f"wavelet_{channel}_{level}"] for level in LEVELS]
        assert amplitudes == pytest.approx(expected, rel=1e-4)
        assert measured[f"wavelet_{channel}_sum"] == pytest.approx(sum(expected), rel=1e-4)


def test_squared_amplitudes_and_the_approximation_sum_to_the_mean_square():
    """This is Parseval's identity: the transform is orthonormal."""
    arrays = ImageArrays(colour_noise())
    measured = wavelet_details(arrays)
    for c, channel in enumerate(HSV_CHANNELS):
        plane = arrays.hsv[..., c] / 255
        coarse = pywt.wavedec2(plane, "db2", mode="periodization", level=3)[0]
        details = sum(measured[f"wavelet_{channel}_{level}"] ** 2 for level in LEVELS)
        assert details + (coarse**2).sum() / plane.size == pytest.approx((plane**2).mean(), rel=1e-4)
        amplitudes = [measured[f"wavelet_{channel}_{level}"] for level in LEVELS]
        assert measured[f"wavelet_{channel}_sum"] == pytest.approx(sum(amplitudes))


def test_a_uniform_image_has_no_detail():
    measured = wavelet_details(ImageArrays(uniform(10, 200, 90)))
    assert all(abs(value) < 1e-4 for name, value in measured.items() if name.startswith("wavelet"))
    assert measured["low_depth_of_field_value"] == 0.25


def test_detail_of_one_channel_does_not_show_in_the_others():
    value = np.random.default_rng(0).integers(100, 256, (SIZE_PX, SIZE_PX))
    image = np.zeros((SIZE_PX, SIZE_PX, 3), dtype=np.uint8)
    image[..., 0] = value  # pure red of varying value: hue 0, saturation 1
    measured = wavelet_details(ImageArrays(image))
    assert measured["wavelet_value_1"] > 0.1
    assert measured["wavelet_hue_sum"] == measured["low_depth_of_field_hue"] - 0.25 == 0
    assert measured["wavelet_saturation_sum"] == pytest.approx(0, abs=1e-4)


def test_finer_stripes_are_detail_of_a_finer_level():
    fine, coarse = (wavelet_details(ImageArrays(stripes(period))) for period in (2.5, 12))
    assert fine["wavelet_value_1"] > fine["wavelet_value_3"]
    assert coarse["wavelet_value_3"] > coarse["wavelet_value_1"]


def test_less_contrast_is_less_detail_in_proportion():
    image = grey_noise() // 4 * 4
    full, quarter = (wavelet_details(ImageArrays(pixels)) for pixels in (image, image // 4))
    for level in LEVELS:
        ratio = quarter[f"wavelet_value_{level}"] / full[f"wavelet_value_{level}"]
        assert ratio == pytest.approx(0.25, rel=1e-3)
    assert quarter["low_depth_of_field_value"] == pytest.approx(full["low_depth_of_field_value"], abs=1e-4)


def test_a_shift_by_a_multiple_of_eight_pixels_with_wrap_around_changes_no_amplitude():
    image = smooth_colours(2)
    shifted = np.roll(image, (16, 8), axis=(0, 1))
    before, after = wavelet_details(ImageArrays(image)), wavelet_details(ImageArrays(shifted))
    for name in before:
        if name.startswith("wavelet"):
            assert after[name] == pytest.approx(before[name], rel=1e-3, abs=1e-6)


def test_transposing_the_image_changes_nothing():
    image = smooth_colours(5, 20)
    before = wavelet_details(ImageArrays(image))
    assert wavelet_details(ImageArrays(image.transpose(1, 0, 2))) == pytest.approx(before, rel=1e-4)


def test_detail_in_the_centre_alone_is_a_low_depth_of_field():
    image = np.full((SIZE_PX, SIZE_PX, 3), 128, dtype=np.uint8)
    inner = slice(SIZE_PX // 4 + 4, 3 * SIZE_PX // 4 - 4)
    image[inner, inner] = grey_noise()[inner, inner]
    assert wavelet_details(ImageArrays(image))["low_depth_of_field_value"] > 0.97
    even = wavelet_details(ImageArrays(grey_noise()))["low_depth_of_field_value"]
    assert even == pytest.approx(0.25, abs=0.02)


def test_detail_outside_the_centre_alone():
    image = grey_noise()
    inner = slice(SIZE_PX // 4 - 4, 3 * SIZE_PX // 4 + 4)
    image[inner, inner] = 128
    assert wavelet_details(ImageArrays(image))["low_depth_of_field_value"] < 0.03


def test_share_in_the_centre_by_hand():
    details = np.arange(16, dtype=np.float32).reshape(4, 4)
    assert _share_in_centre(details) == pytest.approx((5 + 6 + 9 + 10) / 120)
    assert _share_in_centre(np.zeros((8, 8), dtype=np.float32)) == 0.25
    assert _share_in_centre(np.ones((112, 112), dtype=np.float32)) == 0.25


@given(st.integers(4, 40), st.integers(4, 40), st.integers(0, 10_000))
@settings(max_examples=30)
def test_share_in_the_centre_lies_between_0_and_1(n_rows, n_columns, seed):
    details = np.random.default_rng(seed).exponential(size=(n_rows, n_columns)).astype(np.float32)
    assert 0 <= _share_in_centre(details) <= 1
    assert _share_in_centre(details[::-1].copy() * 7) >= 0
