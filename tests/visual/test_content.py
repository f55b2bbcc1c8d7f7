from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.visual.content import face_statistics, skin_share
from imagemood.visual.image_arrays import SIZE_PX, ImageArrays
from tests.visual.synthetic import colour_noise, grey_noise, halves, read_photo, uniform

CHANNEL = st.integers(0, 255)


@pytest.fixture(scope="module")
def astronaut(sample_photos):
    return read_photo(sample_photos / "astronaut.png")


@pytest.mark.parametrize("tone", [(255, 224, 196), (224, 172, 105), (141, 85, 36), (90, 56, 37)])
def test_skin_of_all_tones_counts(tone):
    assert skin_share(ImageArrays(uniform(*tone)))["skin_share"] == 1


def test_sky_and_grass_do_not_count_as_skin():
    assert skin_share(ImageArrays(halves((80, 150, 230), (60, 160, 40))))["skin_share"] == 0


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_grey_does_not_count_as_skin(grey):
    """Both chroma components of grey are 128, and Cr must be 133 or more."""
    assert skin_share(ImageArrays(uniform(grey, grey, grey)))["skin_share"] == 0


@given(CHANNEL, CHANNEL, CHANNEL)
def test_skin_by_the_formulas_of_ycrcb(red, green, blue):
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    cr, cb = 0.713 * (red - luma) + 128, 0.564 * (blue - luma) + 128
    margins = [cr - 133, 173 - cr, cb - 77, 127 - cb]
    share = skin_share(ImageArrays(uniform(red, green, blue)))["skin_share"]
    if min(margins) > 1:
        assert share == 1
    elif min(margins) < -1:
        assert share == 0
    else:  # rounding decides
        assert share in {0, 1}


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ((248, 241, 210), (208, 206, 172)),  # Cr of 134.0 and 131.8
        ((140, 62, 1), (154, 67, 34)),  # Cr of 171.9 and 174.2
        ((105, 97, 0), (252, 189, 106)),  # Cb of 78.2 and 75.9
        ((143, 109, 116), (114, 76, 89)),  # Cb of 125.8 and 128.1
    ],
    ids=["smallest Cr", "largest Cr", "smallest Cb", "largest Cb"],
)
def test_colours_at_the_bounds_of_skin(inside, outside):
    assert skin_share(ImageArrays(uniform(*inside)))["skin_share"] == 1
    assert skin_share(ImageArrays(uniform(*outside)))["skin_share"] == 0


def test_the_share_of_skin_is_that_of_its_area():
    image = uniform(20, 60, 200)
    image[:30, :40] = (224, 172, 105)
    assert skin_share(ImageArrays(image))["skin_share"] == 30 * 40 / SIZE_PX**2


def test_the_order_of_pixels_does_not_matter_for_skin():
    image = colour_noise()
    shuffled = np.random.default_rng(0).permutation(image.reshape(-1, 3)).reshape(image.shape)
    assert skin_share(ImageArrays(shuffled)) == skin_share(ImageArrays(image))


def test_a_face_is_found(astronaut):
    found = face_statistics(ImageArrays(astronaut))
    assert found["face_count"] == 1
    assert 0.03 < found["face_share"] < 0.1


def test_a_face_in_a_grey_photo_is_found(astronaut):
    """The detector works on grey levels."""
    arrays = ImageArrays(astronaut)
    grey = np.repeat(arrays.grey[..., np.newaxis], 3, axis=2)
    assert face_statistics(ImageArrays(grey)) == face_statistics(arrays)


def test_a_closer_face_covers_more_of_the_image(astronaut):
    whole, crop = (face_statistics(ImageArrays(image)) for image in (astronaut, astronaut[:330, 60:390]))
    assert crop["face_count"] == whole["face_count"] == 1
    assert crop["face_share"] > 1.5 * whole["face_share"]


def test_a_face_on_its_side_is_not_found(astronaut):
    assert face_statistics(ImageArrays(np.rot90(astronaut)))["face_count"] == 0


def test_two_faces_are_counted(astronaut):
    face = astronaut[:250, 100:350]
    pair = np.concatenate([face, face[:, ::-1]], axis=1)
    image = np.concatenate([pair, np.full((250, 500, 3), 128, dtype=np.uint8)])  # a square is not distorted
    assert face_statistics(ImageArrays(image))["face_count"] == 2


@pytest.mark.parametrize(
    "image", [uniform(200, 170, 150), uniform(0, 0, 0), grey_noise()], ids=["skin", "black", "noise"]
)
def test_images_without_faces(image):
    assert face_statistics(ImageArrays(image)) == {"face_count": 0, "face_share": 0}


def test_photos_without_people(sample_photos):
    for name in ("coffee.png", "chelsea.png", "rocket.jpg"):
        assert face_statistics(ImageArrays(read_photo(sample_photos / name)))["face_count"] == 0
