from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageFont
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.prediction import heatmap, heatmap_legend

MAP = np.array([[np.log(0.25 / 0.75), np.log(0.9 / 0.1)]], dtype=np.float32)
PICTURE = np.random.default_rng(0).integers(0, 256, (200, 400, 3), dtype=np.uint8)


def test_the_picture_is_unchanged_and_the_legend_is_below_it():
    drawn = heatmap_legend.add(PICTURE, MAP, "awe")
    assert drawn.shape[1] == 400
    assert np.array_equal(drawn[:200], PICTURE)
    assert 40 < drawn.shape[0] - 200 < 80


def test_the_bar_has_the_colours_of_the_heat_map():
    legend = heatmap_legend.add(PICTURE, MAP, "awe")[200:].astype(int)
    white = np.full((1, 400, 3), 255, dtype=np.uint8)
    darkest = heatmap.overlay(white, np.linspace(0, 1, 400, dtype=np.float32)[np.newaxis])[0, -1]
    row = min(range(len(legend)), key=lambda y: np.abs(legend[y, 380:390] - darkest).max(axis=1).mean())
    brightness = legend[row, 15:385].sum(axis=1)
    assert np.abs(legend[row, 385] - darkest).max() <= 25
    assert (np.diff(brightness) <= 1).all()  # from bright to dark
    assert brightness[0] > 700


def test_the_scale_has_the_probabilities_at_both_ends():
    assert heatmap.probability_range(MAP) == pytest.approx((0.25, 0.9))
    assert heatmap_legend._scale(MAP) == ("25.0%", "63.4%", "90.0%")


def test_different_moods_and_scales_have_different_legends():
    drawn = [heatmap_legend.add(PICTURE, MAP * factor, mood) for mood in ("awe", "fear") for factor in (1, 2)]
    assert len({image.tobytes() for image in drawn}) == 4


@pytest.mark.parametrize("mood", ["喜び", "x\u202eabc", "", "a\nb", "\ud800", "é" * 300, "🙂"])
def test_any_name_of_a_mood_can_be_drawn(mood):
    assert heatmap_legend.add(PICTURE, MAP, mood).shape[1] == 400


@pytest.mark.parametrize(
    ("mood", "title"),
    [
        ("awe", "probability of awe in each region"),
        ("喜び", "probability of the mood in each region"),
        ("x\u202eabc", "probability of the mood in each region"),
        ("a" * 30, f"probability of {'a' * 11}…{'a' * 11} in each region"),
    ],
)
def test_the_title_names_the_mood_if_the_font_has_its_letters(mood, title):
    assert heatmap_legend._title(mood, PIL.ImageFont.load_default(12)) == title


@given(st.integers(1, 3000), st.integers(1, 40))
def test_the_text_is_readable_on_pictures_of_any_size(width, height):
    drawn = heatmap_legend.add(np.zeros((height, width, 3), dtype=np.uint8), MAP, "contentment")
    assert drawn.shape[1] == max(width, 320)
    legend = PIL.Image.fromarray(drawn[height:]).convert("L").point(lambda value: 255 * (value < 100))
    left, _, right, bottom = legend.getbbox()  # of the text
    assert left > 0
    assert right < drawn.shape[1]
    assert bottom < drawn.shape[0] - height


@pytest.mark.parametrize(("value", "expected"), [(0, 0.5), (np.log(3), 0.75), (1e6, 1), (-1e6, 0)])
def test_probabilities_of_log_odds(value, expected):
    assert heatmap.probability(value) == pytest.approx(expected)
