from __future__ import annotations

import cv2
import numpy as np
import pytest

from imagemood.visual import SIZE_PX, cooccurrence, tamura, wavelets
from imagemood.visual.picture import Picture
from tests.visual.made import grey_picture, halves, noise, plain, stripes


def test_wavelet_energies_and_the_coarse_rest_sum_to_the_mean_square():
    """Parseval: the transform is orthonormal."""
    import pywt

    dice = np.random.default_rng(0)
    picture = Picture(dice.integers(0, 256, (SIZE_PX, SIZE_PX, 3), dtype=np.uint8))
    measured = wavelets.energies(picture)
    for c, channel in enumerate(("hue", "saturation", "value")):
        plane = picture.hsv[..., c] / 255
        coarse = pywt.wavedec2(plane, "db2", mode="periodization", level=3)[0]
        details = sum(measured[f"wavelet_{channel}_{level}"] ** 2 for level in (1, 2, 3))
        assert details + (coarse**2).sum() / plane.size == pytest.approx((plane**2).mean(), rel=1e-4)
        amplitudes = [measured[f"wavelet_{channel}_{level}"] for level in (1, 2, 3)]
        assert measured[f"wavelet_{channel}_sum"] == pytest.approx(sum(amplitudes))


def test_a_plain_picture_has_no_detail():
    measured = wavelets.energies(Picture(plain(10, 200, 90)))
    assert all(abs(value) < 1e-4 for name, value in measured.items() if name.startswith("wavelet"))
    assert measured["low_depth_of_field_value"] == 0.25


def test_finer_stripes_are_detail_of_a_finer_level():
    fine, coarse = (wavelets.energies(Picture(stripes(period))) for period in (2.5, 12))
    assert fine["wavelet_value_1"] > fine["wavelet_value_3"]
    assert coarse["wavelet_value_3"] > coarse["wavelet_value_1"]


def test_detail_in_the_middle_alone_is_low_depth_of_field():
    image = np.full((SIZE_PX, SIZE_PX, 3), 128, dtype=np.uint8)
    inner = slice(SIZE_PX // 4 + 4, 3 * SIZE_PX // 4 - 4)
    image[inner, inner] = noise()[inner, inner]
    assert wavelets.energies(Picture(image))["low_depth_of_field_value"] > 0.97
    assert wavelets.energies(Picture(noise()))["low_depth_of_field_value"] == pytest.approx(0.25, abs=0.02)


def test_coarseness_grows_with_the_size_of_squares():
    def squares(side_px):
        y, x = np.mgrid[:SIZE_PX, :SIZE_PX] // side_px
        return Picture(grey_picture(255 * ((x + y) % 2)))

    found = [tamura.textures(squares(side))["tamura_coarseness"] for side in (4, 8, 16, 28)]
    assert found == sorted(found)
    assert found[0] < 4
    assert found[-1] > 14


def test_contrast_of_black_and_white_is_their_standard_deviation():
    """Two values that are equally frequent have a kurtosis of 1."""
    measured = tamura.textures(Picture(halves((0, 0, 0), (255, 255, 255))))
    assert measured["tamura_contrast"] == pytest.approx(127.5, rel=1e-4)
    assert tamura.textures(Picture(plain(9, 9, 9)))["tamura_contrast"] == 0


@pytest.mark.parametrize("angle", [0, 45, 90, 135])
def test_stripes_have_one_direction(angle):
    assert tamura.textures(Picture(stripes(16, angle)))["tamura_directionality"] > 0.97


def test_noise_has_no_direction_and_a_grid_has_two():
    assert abs(tamura.textures(Picture(noise()))["tamura_directionality"]) < 0.15
    grid = np.maximum(stripes(16, 0), stripes(16, 90))
    assert tamura.textures(Picture(grid))["tamura_directionality"] > 0.5
    assert tamura.textures(Picture(plain(9, 9, 9)))["tamura_directionality"] == 0


def test_cooccurrence_of_a_plain_picture():
    measured = cooccurrence.cooccurrence(Picture(plain(200, 30, 30)))
    for channel in ("hue", "saturation", "value"):
        assert measured[f"glcm_contrast_{channel}"] == 0
        assert measured[f"glcm_energy_{channel}"] == 1
        assert measured[f"glcm_homogeneity_{channel}"] == 1
        assert measured[f"glcm_correlation_{channel}"] == 1


def test_cooccurrence_of_a_chessboard_of_pixels():
    """Neighbours across and along differ by all levels, diagonal ones not at all."""
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX]
    measured = cooccurrence.cooccurrence(Picture(grey_picture(255 * ((x + y) % 2))))
    assert measured["glcm_contrast_value"] == pytest.approx(0.5, abs=1e-3)
    assert measured["glcm_homogeneity_value"] == pytest.approx((1 + 1 / (1 + 31**2)) / 2, abs=1e-3)
    assert measured["glcm_correlation_value"] == pytest.approx(0, abs=1e-2)
    assert measured["glcm_energy_value"] == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_hsv_is_as_opencv_has_it():
    picture = Picture(plain(12, 34, 56))
    np.testing.assert_array_equal(picture.hsv, cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2HSV_FULL))
