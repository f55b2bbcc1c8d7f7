from __future__ import annotations

import numpy as np
import pytest
import torch

from imagemood.finetuning.augmentation import PhotoAugmentation
from imagemood.finetuning.network import STD, normalise

WHOLE = PhotoAugmentation(min_area=1, max_aspect=0, brightness=0, low_resolution_share=0)


def on_device(augmentation, pixels, size_px, seed):
    image = normalise(torch.from_numpy(pixels))
    return augmentation.batch_on_device(image, size_px, np.random.default_rng(seed)).permute(0, 2, 3, 1) * STD


@pytest.mark.parametrize("where", ["cpu", "device"])
def test_without_changes_photos_are_only_flipped(photos, where):
    pixels = np.repeat(photos[0][:1], 40, axis=0)
    if where == "cpu":
        changed = WHOLE.batch(pixels, 64, np.random.default_rng(0)).numpy().astype(float)
    else:
        changed = on_device(WHOLE, pixels, 64, 0).numpy() + 127
    flipped = pixels[0, :, ::-1]
    same = [np.abs(photo - pixels[0]).max() < 2 for photo in changed]
    mirrored = [np.abs(photo - flipped).max() < 2 for photo in changed]
    assert 8 < sum(same) < 32
    assert sum(same) + sum(mirrored) == 40


@pytest.mark.parametrize("where", ["cpu", "device"])
def test_brightness_changes_all_colours_by_the_same_factor(where):
    pixels = np.full((50, 64, 64, 3), (40, 80, 120), dtype=np.uint8)
    augmentation = PhotoAugmentation(low_resolution_share=0.5)
    if where == "cpu":
        changed = augmentation.batch(pixels, 32, np.random.default_rng(0)).numpy().astype(float)
    else:
        changed = on_device(augmentation, pixels, 32, 0).numpy() + 127
    factors = changed / pixels[:, :32, :32]
    assert np.ptp(factors, axis=(1, 2, 3)).max() < 0.03
    assert factors.min() > 0.77
    assert factors.max() < 1.21
    assert np.ptp(factors.mean(axis=(1, 2, 3))) > 0.3


@pytest.mark.parametrize("where", ["cpu", "device"])
def test_crops_keep_at_least_the_minimum_area(where):
    """A horizontal gradient shows the width of a crop."""
    gradient = np.tile(np.linspace(0, 255, 64), (64, 1))
    pixels = np.repeat(gradient[np.newaxis, ..., np.newaxis], 3, axis=3).astype(np.uint8).repeat(60, axis=0)
    augmentation = PhotoAugmentation(min_area=0.25, max_aspect=0, brightness=0, low_resolution_share=0)
    if where == "cpu":
        changed = augmentation.batch(pixels, 64, np.random.default_rng(0)).numpy().astype(float)
    else:
        changed = on_device(augmentation, pixels, 64, 0).numpy() + 127
    widths = np.abs(changed[:, 32, -1, 0] - changed[:, 32, 0, 0]) / 255
    assert widths.min() > 0.45
    assert widths.min() < 0.6
    assert widths.max() > 0.95
