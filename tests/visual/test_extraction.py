from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from imagemood import visual
from imagemood.visual import FEATURES, GROUPS, NAMES, ImageArrays
from tests.visual.synthetic import colour_noise, grey_noise, read_photo, smooth_colours, stripes, uniform

LOW, HIGH = (np.array([getattr(feature, bound) for feature in FEATURES]) for bound in ("low", "high"))
EXPECTED = json.loads((Path(__file__).parent / "expected_features.json").read_text("utf-8"))
# Mirroring an image changes neither its colours nor its pairs of neighbouring pixels.
SYMMETRIC = (
    *("saturation", "brightness", "pleasure", "arousal", "dominance", "hue", "colour", "uniform"),
    *("glcm", "thirds", "skin"),
)


def assert_valid(features):
    assert features.shape == (len(NAMES),)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    outside = (features < LOW - 1e-4) | (features > HIGH + 1e-4)
    assert not outside.any(), [(NAMES[i], features[i]) for i in np.flatnonzero(outside)]


@given(arrays(np.uint8, st.tuples(st.integers(8, 40), st.integers(8, 40), st.just(3))))
@settings(max_examples=40)
def test_features_of_any_image_are_finite_and_within_their_bounds(image):
    assert_valid(visual.extract(image))


@given(st.integers(0, 10_000), st.integers(2, 120))
@settings(max_examples=25)
def test_features_of_coloured_patches_are_within_their_bounds(seed, n_patches):
    assert_valid(visual.extract(smooth_colours(seed, n_patches)))


@pytest.mark.parametrize(
    "image",
    [
        uniform(0, 0, 0),
        uniform(255, 255, 255),
        uniform(255, 0, 0),
        uniform(0, 0, 255),
        stripes(2),
        stripes(20, 30),
        grey_noise(),
        colour_noise(),
        np.zeros((1, 1, 3), dtype=np.uint8),
        np.full((1, 900, 3), 255, dtype=np.uint8),
        colour_noise()[:5, :3],
    ],
    ids=["black", "white", "red", "blue", "fine", "slanted", "grey noise", "noise", "pixel", "line", "tiny"],
)
def test_features_of_extreme_images_are_within_their_bounds(image):
    assert_valid(visual.extract(image))


@pytest.mark.parametrize("name", ["astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg"])
def test_features_of_photos_are_within_their_bounds(sample_photos, name):
    assert_valid(visual.extract(read_photo(sample_photos / name)))


def test_values_are_those_of_all_groups_in_order():
    measured = {}
    for group in GROUPS:
        measured |= group.measure(ImageArrays(grey_noise()))
    np.testing.assert_array_equal(visual.extract(grey_noise()), np.float32(list(measured.values())))
    assert tuple(measured) == NAMES


def test_names_have_the_order_in_which_models_were_trained():
    assert list(EXPECTED["astronaut.png"]) == list(NAMES)


@pytest.mark.parametrize("name", EXPECTED)
def test_values_are_those_with_which_models_were_trained(sample_photos, name):
    """A change of a feature would make the predictions of existing models wrong without any error."""
    features = visual.extract(read_photo(sample_photos / name))
    np.testing.assert_allclose(features, list(EXPECTED[name].values()), rtol=2e-3, atol=2e-3)


def test_the_image_is_not_changed():
    image = colour_noise()
    before = image.copy()
    visual.extract(image)
    np.testing.assert_array_equal(image, before)


def test_a_mirror_image_has_the_same_colours_and_neighbours(sample_photos):
    image = ImageArrays(read_photo(sample_photos / "coffee.png")).rgb
    one, other = visual.extract(image), visual.extract(image[:, ::-1])
    kept = [i for i, name in enumerate(NAMES) if name.startswith(SYMMETRIC)]
    assert len(kept) == 40
    np.testing.assert_allclose(other[kept], one[kept], rtol=1e-4, atol=1e-4)


def test_a_larger_copy_has_nearly_the_same_features(sample_photos):
    """The features do not depend on the resolution of the picture, since all images are resized first."""
    image = ImageArrays(read_photo(sample_photos / "coffee.png")).rgb
    doubled = image.repeat(2, axis=0).repeat(2, axis=1)
    np.testing.assert_array_equal(visual.extract(doubled), visual.extract(image))


def test_threads_return_the_same_values(sample_photos):
    coffee = read_photo(sample_photos / "coffee.png")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(visual.extract, [coffee] * 8))
    for answer in answers:
        np.testing.assert_array_equal(answer, answers[0])
