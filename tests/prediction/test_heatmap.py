from __future__ import annotations

import numpy as np
import pytest

from imagemood.errors import InputError
from imagemood.prediction import heatmap


def test_the_overlay_veils_the_strong_and_leaves_the_weak_bare():
    grey = np.full((40, 60, 3), 128, dtype=np.uint8)
    veiled = heatmap.overlay(grey, np.array([[0, 0, 1], [0, 0, 1]], dtype=np.float32))
    assert veiled.shape == grey.shape
    assert veiled[:, 0].tolist() == grey[:, 0].tolist()
    red, green, _ = veiled[20, -1].tolist()
    assert red > green
    assert veiled[20, -1].mean() < 90, "what is strong is dark, for those who do not see red"
    assert heatmap.overlay(grey, np.ones((7, 7), dtype=np.float32)).tolist() == grey.tolist()
    with pytest.raises(InputError, match="holds what is no number"):
        heatmap.overlay(grey, np.full((7, 7), np.nan, dtype=np.float32))


def test_a_veil_laid_over_a_picture_is_the_overlay():
    dice = np.random.default_rng(0)
    picture = dice.integers(0, 256, (40, 60, 3), dtype=np.uint8)
    region = dice.normal(size=(7, 7)).astype(np.float32)
    veil = heatmap.veil(region, (60, 40)).astype(np.float64)
    opacity = veil[:, :, 3:] / 255
    laid = picture * (1 - opacity) + veil[:, :, :3] * opacity
    assert np.abs(laid - heatmap.overlay(picture, region)).max() <= 2  # opacity and colours are rounded to bytes
    assert veil[:, :, 3].min() == 0
