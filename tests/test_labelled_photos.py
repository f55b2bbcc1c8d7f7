from __future__ import annotations

import numpy as np
import pytest

from imagemood.cascade import Cascade
from imagemood.errors import ImageError, InputError
from imagemood.labelled_photos import read_training_set
from imagemood.tagger import Tagger


@pytest.fixture(scope="module")
def cascade():
    return Cascade(Tagger.load())


@pytest.fixture
def folder(tmp_path, sample_photos):
    for mood, name in (("große Ruhe", "coffee.png"), ("joy", "rocket.jpg"), ("joy", "astronaut.png")):
        (tmp_path / mood).mkdir(exist_ok=True)
        (tmp_path / mood / name).write_bytes((sample_photos / name).read_bytes())
    (tmp_path / "joy" / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "no pictures").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").touch()
    return tmp_path


def test_folders_are_moods_and_failures_are_named(cascade, folder):
    steps = []
    training_set, failures = read_training_set(folder, cascade, progress=lambda *step: steps.append(step))
    assert training_set.moods == ["große Ruhe", "joy", "joy"]
    assert training_set.vocabulary == cascade.tagger.labels
    assert training_set.embedding.shape == (3, 1280)
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    (failure,) = failures
    assert isinstance(failure, ImageError)
    assert "broken.jpg" in str(failure)
    assert training_set.vocabulary[training_set.tags[0].argmax()] == "espresso"


def test_tags_alone(cascade, folder):
    training_set, _ = read_training_set(folder, cascade, inputs=["tags"])
    assert training_set.embedding is None
    np.testing.assert_allclose(training_set.tags.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such folder"),
        ({}, "has no folders of pictures"),
        ({"joy/x.jpg": b"no"}, "none of its pictures can be used"),
    ],
)
def test_folders_that_cannot_be_used(cascade, tmp_path, content, message):
    root = tmp_path / "photos"
    if content is not None:
        root.mkdir()
    for name, data in (content or {}).items():
        (root / name).parent.mkdir()
        (root / name).write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_training_set(root, cascade)
