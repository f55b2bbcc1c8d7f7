from __future__ import annotations

import numpy as np
import pytest

from imagemood.errors import InputError
from imagemood.prediction import heatmap
from imagemood.prediction.result import Result

GREY = np.full((40, 60, 3), 128, dtype=np.uint8)
STEP = np.array([[0, 0, 1], [0, 0, 1]], dtype=np.float32)


def rng():
    return np.random.default_rng(0)


def test_the_overlay_darkens_the_maximum_and_keeps_the_minimum():
    blended = heatmap.overlay(GREY, STEP)
    assert blended.shape == GREY.shape
    assert blended[:, 0].tolist() == GREY[:, 0].tolist()
    red, green, _ = blended[20, -1].tolist()
    assert red > green
    assert blended[20, -1].mean() < 90, "the maximum should be dark enough to be seen without colour vision"


def test_the_overlay_of_the_maximum_is_the_darkest_colour_at_full_opacity():
    expected = np.rint(0.25 * 128 + 0.75 * np.array([128, 0, 38]))
    assert heatmap.overlay(GREY, STEP)[20, -1].tolist() == expected.tolist()


@pytest.mark.parametrize("value", [-3, 0, 1])
def test_a_constant_heat_map_leaves_the_picture_unchanged(value):
    constant = np.full((7, 7), value, dtype=np.float32)
    assert heatmap.overlay(GREY, constant).tolist() == GREY.tolist()


def test_the_overlay_depends_on_relative_values_only():
    values = rng().normal(size=(7, 7)).astype(np.float32)
    difference = heatmap.overlay(GREY, values).astype(int) - heatmap.overlay(GREY, 4 * values + 8)
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("draw", [lambda m: heatmap.overlay(GREY, m), lambda m: heatmap.render(m, (60, 40))])
def test_heat_maps_must_be_finite(value, draw):
    broken = np.zeros((7, 7), dtype=np.float32)
    broken[3, 3] = value
    with pytest.raises(InputError, match="the heat map contains NaN or infinity"):
        draw(broken)


def test_a_rendered_heat_map_drawn_over_a_picture_equals_the_overlay():
    picture = rng().integers(0, 256, (40, 60, 3), dtype=np.uint8)
    values = rng().normal(size=(7, 7)).astype(np.float32)
    image = heatmap.render(values, (60, 40)).astype(np.float64)
    assert image.shape == (40, 60, 4)
    opacity = image[:, :, 3:] / 255
    blended = picture * (1 - opacity) + image[:, :, :3] * opacity
    assert np.abs(blended - heatmap.overlay(picture, values)).max() <= 2  # opacity and colours are rounded
    assert image[:, :, 3].min() == 0


def test_the_size_of_a_rendered_heat_map_is_width_and_height():
    assert heatmap.render(STEP, (5, 9)).shape == (9, 5, 4)


PROBABILITIES = np.array([0.5, 0.25, 0.25], dtype=np.float32)[:, np.newaxis, np.newaxis]


@pytest.mark.parametrize(("index", "expected"), [(0, 0), (1, np.log(1 / 3)), (2, np.log(1 / 3))])
@pytest.mark.parametrize("offset", [0, 1000, -1000])
def test_log_odds_compare_a_mood_with_all_others(index, expected, offset):
    logits = np.log(PROBABILITIES) + np.float32(offset)
    np.testing.assert_allclose(heatmap.log_odds(logits, index), expected, atol=1e-6 if offset == 0 else 1e-3)


def test_log_odds_agree_with_probabilities():
    logits = rng().normal(size=(8, 7, 7)).astype(np.float32)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=0)
    for index in range(8):
        expected = np.log(probabilities[index] / (1 - probabilities[index]))
        np.testing.assert_allclose(heatmap.log_odds(logits, index), expected, atol=1e-4)


def test_the_heat_map_of_a_result_has_the_log_odds_of_the_mood():
    logits = rng().normal(size=(3, 7, 7)).astype(np.float32)
    result = Result("a.jpg", map_labels=("awe", "fear", "joy"), mood_maps=logits)
    np.testing.assert_array_equal(heatmap.compute(result, "fear"), heatmap.log_odds(logits, 1))


def test_a_mood_without_a_map_has_no_heat_map():
    logits = np.zeros((2, 7, 7), dtype=np.float32)
    assert heatmap.compute(Result("a.jpg", map_labels=("awe", "fear"), mood_maps=logits), "joy") is None
    assert heatmap.compute(Result("a.jpg", map_labels=("awe", "fear")), "awe") is None
