from __future__ import annotations

import importlib

import numpy as np
import pytest

from imagemood import builtin
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade

NAMES = ("chelsea.png", "coffee.png", "rocket.jpg")


@pytest.fixture
def fold_predictions():
    return importlib.import_module("fold_predictions")


@pytest.fixture
def paths(sample_photos, tmp_path):
    """Three photos, of which one has the mood amusement and two have the mood awe."""
    copies = []
    for mood, name in zip(("amusement", "awe", "awe"), NAMES, strict=True):
        copies.append(tmp_path / "photos" / mood / name)
        copies[-1].parent.mkdir(parents=True, exist_ok=True)
        copies[-1].write_bytes((sample_photos / name).read_bytes())
    return copies


@pytest.fixture
def fold(fold_predictions, paths, tmp_path):
    return fold_predictions.Fold.load(paths, builtin.path("network.onnx").parent, tmp_path / "work")


def test_the_predictions_are_those_of_the_built_in_model(fold, paths):
    assert fold.moods.tolist() == ["amusement", "awe", "awe"]
    expected = [result.probabilities for result in Cascade.load().classify_many(map(str, paths))]
    assert fold.probabilities() == pytest.approx(np.stack(expected), abs=1e-4)
    assert np.abs(fold.probabilities() - fold.probabilities(size_px=64)).max() > 0.01
    assert np.abs(fold.probabilities() - fold.probabilities(n_views=2)).max() > 0.001


def test_finished_predictions_are_not_computed_again(fold, paths, fold_predictions, tmp_path):
    first = fold.probabilities()
    for path in paths:
        path.unlink()
    again = fold_predictions.Fold.load(paths, builtin.path("network.onnx").parent, tmp_path / "work")
    assert np.array_equal(again.probabilities(), first)
    other = fold_predictions.Fold.load(paths[:2], builtin.path("network.onnx").parent, tmp_path / "work")
    with pytest.raises(FileNotFoundError):
        other.probabilities()


def test_each_composite_has_a_result_for_both_halves(fold_predictions, paths, monkeypatch):
    monkeypatch.setattr(fold_predictions, "N_COMPOSITES", 3)
    tagger = Tagger.load()
    moods = np.array(tagger.card.mood_labels)
    hits = fold_predictions.composite_hits(tagger, [paths[i % 3] for i in range(len(moods))], moods)
    assert hits.shape == (6, 2)
    assert set(np.unique(hits)) <= {0.0, 1.0}


def test_each_photo_is_in_one_fold(fold_predictions, paths, tmp_path):
    folds = fold_predictions.split_photos(tmp_path / "photos")
    assert len(folds) == 5
    assert sorted(path for fold in folds for path in fold) == sorted(paths)


def test_a_part_of_each_fold_is_spread_over_its_photos(fold_predictions, tmp_path):
    for mood in ("awe", "fear"):
        (tmp_path / mood).mkdir()
        for i in range(100):
            (tmp_path / mood / f"{i}.jpg").write_bytes(f"{mood} {i}".encode())
    for fold in fold_predictions.split_photos(tmp_path, 4):
        assert 4 <= len(fold) <= 7
        assert {path.parent.name for path in fold} == {"awe", "fear"}


def test_reduced_photos_lose_detail(fold_predictions):
    photo = np.random.default_rng(0).integers(256, size=(224, 224, 3), dtype=np.uint8)
    (small,) = fold_predictions.reduced(iter([photo]), 64)
    assert small.shape == (64, 64, 3)
