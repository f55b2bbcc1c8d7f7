from __future__ import annotations

import cv2
import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagemood import visual
from imagemood.errors import MissingExtraError
from imagemood.visual import SIZE_PX, composition, content
from imagemood.visual.picture import Picture
from tests.visual.made import halves, noise, plain


def test_regions_of_plain_patches_are_counted():
    image = plain(255, 255, 255)
    image[:, SIZE_PX // 2 :] = (255, 0, 0)
    image[SIZE_PX // 2 :, : SIZE_PX // 2] = (0, 0, 255)
    picture = Picture(image)
    assert composition.level_of_detail(picture)["level_of_detail"] == 3
    corners = picture.segments[[5, 5, -5], [5, -5, 5]]
    assert len(set(corners.tolist())) == 3
    assert np.bincount(picture.segments.ravel()).sum() == SIZE_PX**2
    assert composition.level_of_detail(Picture(plain(1, 2, 3)))["level_of_detail"] == 1
    assert composition.level_of_detail(Picture(noise()))["level_of_detail"] >= 1


def lines(*ends):
    image = plain(255, 255, 255)
    for start, end in ends:
        cv2.line(image, start, end, (0, 0, 0), 3)
    return composition.dynamics(Picture(image))


def test_lines_at_rest():
    measured = lines(((20, 100), (200, 100)), ((60, 20), (60, 90)))
    assert measured["lines_static_share"] == 1
    assert measured["lines_slanted_share"] == measured["lines_slanted_length"] == 0
    assert 0.2 < measured["lines_static_length"] < 0.85


def test_slanted_lines():
    measured = lines(((30, 40), (180, 190)))
    assert measured["lines_slanted_share"] > 0.9
    assert measured["lines_slanted_length"] > 0.3


def test_no_lines():
    assert set(lines().values()) == {0}


def test_the_middle_ninth():
    image = plain(0, 0, 0)
    third = slice(SIZE_PX // 3, 2 * SIZE_PX // 3 + 1)
    image[third, third] = (0, 255, 0)
    measured = composition.thirds(Picture(image))
    assert measured["thirds_saturation"] == 1
    assert measured["thirds_brightness"] == pytest.approx(0.7152, abs=1e-5)
    assert measured["thirds_hue_cos"] == pytest.approx(-0.5, abs=1e-4)
    assert measured["thirds_hue_sin"] == pytest.approx(np.sqrt(3) / 2, abs=1e-4)
    assert composition.thirds(Picture(plain(90, 90, 90)))["thirds_hue_cos"] == 0


@pytest.mark.parametrize("tone", [(255, 224, 196), (224, 172, 105), (141, 85, 36), (90, 56, 37)])
def test_skin_of_all_tones_is_skin(tone):
    assert content.skin(Picture(plain(*tone)))["skin_share"] == 1


def test_sky_and_grass_are_no_skin():
    assert content.skin(Picture(halves((80, 150, 230), (60, 160, 40))))["skin_share"] == 0


def test_a_face_is_found(sample_photos):
    with PIL.Image.open(sample_photos / "astronaut.png") as photo:
        astronaut = np.asarray(photo.convert("RGB"))
    found = content.faces(Picture(astronaut))
    assert found["face_count"] == 1
    assert 0.03 < found["face_share"] < 0.1
    assert content.faces(Picture(plain(200, 170, 150))) == {"face_count": 0, "face_share": 0}


@given(arrays(np.uint8, st.tuples(st.integers(8, 40), st.integers(8, 40), st.just(3))))
@settings(max_examples=40)
def test_any_picture_has_finite_features(image):
    features = visual.extract(image)
    assert features.shape == (len(visual.NAMES),)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_names_are_those_of_all_groups_once_each():
    assert len(set(visual.NAMES)) == len(visual.NAMES) == 71
    picture = Picture(noise())
    measured = {name: value for group in visual.GROUPS.values() for name, value in group(picture).items()}
    np.testing.assert_array_equal(visual.extract(noise()), np.float32(list(measured.values())))
    assert tuple(measured) == visual.NAMES


def test_extraction_is_the_same_in_many_threads(sample_photos):
    from concurrent.futures import ThreadPoolExecutor

    with PIL.Image.open(sample_photos / "coffee.png") as photo:
        coffee = np.asarray(photo.convert("RGB"))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(visual.extract, [coffee] * 8))
    for answer in answers:
        np.testing.assert_array_equal(answer, answers[0])


def test_the_missing_extra_is_named(monkeypatch):
    import importlib
    import sys

    for name in [name for name in sys.modules if name.startswith("imagemood.visual")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pywt", None)
    with pytest.raises(
        MissingExtraError, match=r"pywt is not installed .pip install 'image-mood-classifier\[visual\]'"
    ):
        importlib.import_module("imagemood.visual")
