from __future__ import annotations

import numpy as np
import pytest

from imagemood.errors import VocabularyError
from imagemood.finetuning.photo_set import PhotoSet
from imagemood.finetuning.stored_photos import StoredPhotos


def stored(hashes):
    readable = np.flatnonzero([bool(value) for value in hashes])
    return StoredPhotos(np.zeros((len(hashes), 224, 224, 3), np.uint8), readable, list(hashes), [])


def split(hashes, moods, fraction=0.25):
    messages = []
    return PhotoSet.split(stored(hashes), list(moods), fraction, inform=messages.append), messages


def test_both_parts_have_all_moods_and_only_readable_photos():
    photos, messages = split(["h1", "", "h2", "h3", "h4", "h5"], ["joy", "joy", "calm", "joy", "calm", "joy"])
    assert photos.labels == ("calm", "joy")
    assert photos.moods.tolist() == [1, -1, 0, 1, 0, 1]
    assert photos.learned.tolist() == [3, 4, 5]
    assert photos.held_out.tolist() == [0, 2]
    assert photos.counts(photos.learned) == {"calm": 1, "joy": 2}
    assert messages == []


def test_identical_photos_are_reported():
    _, messages = split(["a", "b", "a", "c", "d", "e", "d"], ["x", "x", "x", "y", "y", "x", "x"])
    assert messages == ["2 photos are identical to others, and are in the same part; 1 of them has several moods"]
    _, messages = split(["a", "b", "a", "c", "d"], ["x", "x", "x", "y", "y"])
    assert messages == ["1 photo is identical to another, and is in the same part"]


@pytest.mark.parametrize(
    ("hashes", "moods", "message"),
    [
        (["a", "b"], ["joy", "joy"], "all images have the mood 'joy'"),
        (["a", "b", "c"], ["joy", "joy", "calm"], "each mood needs 2 images, but 'calm' has 1"),
        (["a", "b", "c", "c", "c"], ["joy", "joy", "calm", "calm", "calm"], "'calm' has 1"),
        (["a", "b", "", "c"], ["joy", "joy", "calm", "calm"], "'calm' has 1"),
        (["a", "b", "c", "a", "c", "d"], ["x", "x", "y", "y", "z", "z"], "no photo of 'y' remains for training"),
    ],
)
def test_too_few_photos_are_an_error(hashes, moods, message):
    with pytest.raises(VocabularyError, match=message):
        split(hashes, moods)


def test_targets_are_smoothed_labels():
    photos, _ = split("abcdef", ["joy", "calm"] * 3)
    np.testing.assert_allclose(photos.targets(0.2, balanced=False)[:2], [[0.1, 0.9], [0.9, 0.1]], atol=1e-6)


def test_balanced_targets_give_all_moods_the_same_weight():
    photos, _ = split("abcdefgh", ["joy"] * 6 + ["calm"] * 2)
    weights = photos.targets(0.1, balanced=True)[photos.learned].sum(axis=1)
    moods = photos.moods[photos.learned]
    assert weights[moods == 0].sum() == pytest.approx(weights[moods == 1].sum())
    assert weights.mean() == pytest.approx(1)
