from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import PIL.Image
import pytest

from imagemood.evaluation.resolution import _reduce, resolution_curve
from imagemood.learning import Recipe
from imagemood.learning.labelled_pictures import read_labelled_pictures
from imagemood.models.tagger import Tagger
from imagemood.pictures.pixels import decoding
from imagemood.prediction.cascade import Cascade


@pytest.fixture(scope="module")
def pictures(sample_photos, tmp_path_factory):
    """Crops of two photos as two moods, which are easy to separate at full size."""
    folder = tmp_path_factory.mktemp("photos")
    for mood, name in (("calm", "chelsea.png"), ("joy", "rocket.jpg")):
        (folder / mood).mkdir()
        with PIL.Image.open(sample_photos / name) as photo:
            for i in range(10):
                photo.convert("RGB").crop((4 * i, 2 * i, 250 + 5 * i, 250 + 4 * i)).save(
                    folder / mood / f"{i}.png"
                )
    cascade = Cascade(Tagger.load())
    return read_labelled_pictures(folder, cascade), cascade


def test_accuracy_at_each_size_for_both_models(pictures):
    steps = []
    curves = resolution_curve(
        *pictures, Recipe("logistic"), sizes_px=(8, 224), progress=lambda *s: steps.append(s)
    )
    assert list(curves) == ["tags+embedding", "tags"]
    assert steps == [(i, 8) for i in range(1, 9)]
    for points in curves.values():
        assert [size for size, _ in points] == [8, 224]
        assert points[-1][1] == 1.0
        assert 0 <= points[0][1] <= 1


def test_pictures_that_vanished_are_reported_and_omitted(pictures, tmp_path):
    labelled, cascade = pictures
    paths = [path if i % 4 else str(tmp_path / f"{i}.png") for i, path in enumerate(labelled.paths)]
    errors = []
    curves = resolution_curve(
        replace(labelled, paths=paths), cascade, Recipe("logistic"), sizes_px=(64, 224), on_error=errors.append
    )
    assert len(errors) == 1
    assert errors[0].message == "No such file or directory"
    assert [points[-1] for points in curves.values()] == [(224, 1.0)] * 2


def test_reduce_pictures_lose_detail_and_full_ones_stay_as_they_are(sample_photos):
    path = str(sample_photos / "chelsea.png")
    whole = decoding.decode((sample_photos / "chelsea.png").read_bytes(), size_px=224)
    card = Tagger.load().card
    (same,) = _reduce([path], 224, card)
    np.testing.assert_array_equal(same, whole)
    detail = []
    for size in (16, 64, 160):
        (reduced,) = _reduce([path], size, card)
        assert reduced.shape == (224, 224, 3)
        detail.append(np.abs(np.diff(reduced.astype(int), axis=1)).mean())
    assert detail == sorted(detail)
    assert detail[0] < np.abs(np.diff(whole.astype(int), axis=1)).mean() / 3


def test_taggers_that_crop_get_reduced_pictures_with_their_aspect_ratio(sample_photos):
    card = msgspec.structs.replace(Tagger.load().card, mood_maps=None, resize="crop", resize_px=256)
    path = str(sample_photos / "chelsea.png")
    whole = decoding.decode((sample_photos / "chelsea.png").read_bytes())
    (same,) = _reduce([path], 224, card)
    np.testing.assert_array_equal(same, whole)
    (reduced,) = _reduce([path], 64, card)
    assert min(reduced.shape[:2]) == 64
    assert reduced.shape[1] / reduced.shape[0] == pytest.approx(whole.shape[1] / whole.shape[0], rel=0.02)
