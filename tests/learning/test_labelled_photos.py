from __future__ import annotations

import numpy as np
import pytest

from imagemood import visual
from imagemood.errors import ImageError, InputError
from imagemood.learning.labelled_photos import read_photos
from imagemood.models.tagger import Tagger
from imagemood.prediction.cascade import Cascade


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
    photos = read_photos(folder, cascade, progress=lambda *step: steps.append(step))
    training_set = photos.training_set
    assert training_set.moods == ["große Ruhe", "joy", "joy"]
    assert training_set.vocabulary == cascade.tagger.labels
    assert training_set.widths == {"tags": 1000, "embedding": 1600}
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert photos.paths == [
        str(folder / p) for p in ("große Ruhe/coffee.png", "joy/astronaut.png", "joy/rocket.jpg")
    ]
    (failure,) = photos.failures
    assert isinstance(failure, ImageError)
    assert "broken.jpg" in str(failure)
    assert training_set.vocabulary[training_set.tags[0].argmax()] == "espresso"


def test_only_what_is_asked_for(cascade, folder):
    tags = read_photos(folder, cascade, inputs=["tags"]).training_set
    assert list(tags.inputs) == ["tags"]
    np.testing.assert_allclose(tags.tags.sum(axis=1), 1, atol=1e-5)
    rest = read_photos(folder, cascade, inputs=["embedding", "visual"]).training_set
    assert rest.widths == {"embedding": 1600, "visual": 71}
    assert rest.vocabulary == ()
    assert rest.visual_names == visual.NAMES


def test_stored_measurements_are_used_while_nothing_changes(cascade, folder, monkeypatch):
    (folder / "joy" / "broken.jpg").unlink()
    stored = folder.parent / "photos.npz"
    first = read_photos(folder, cascade, stored=stored)

    class Blind(Cascade):
        def tag_many(self, *_args, **_options):
            raise AssertionError("looked again")

    blind = Blind(cascade.tagger)
    again = read_photos(folder, blind, stored=stored)
    assert again.training_set.fingerprint() == first.training_set.fingerprint()
    assert again.paths == first.paths
    with pytest.raises(AssertionError, match="looked again"):
        read_photos(folder, blind, inputs=["tags"], stored=stored)
    (folder / "joy" / "rocket.jpg").rename(folder / "große Ruhe" / "rocket.jpg")
    with pytest.raises(AssertionError, match="looked again"):
        read_photos(folder, blind, stored=stored)


def test_photos_that_failed_are_tried_again(cascade, folder, tmp_path):
    stored = folder.parent / "with_failures.npz"
    assert len(read_photos(folder, cascade, inputs=["tags"], stored=stored).failures) == 1
    assert len(read_photos(folder, cascade, inputs=["tags"], stored=stored).failures) == 1


def test_something_else_is_not_taken_for_stored_measurements(cascade, folder):
    stored = folder.parent / "other.npz"
    stored.write_bytes(b"something else")
    with pytest.raises(InputError, match="is no stored training set"):
        read_photos(folder, cascade, inputs=["tags"], stored=stored)
    assert stored.read_bytes() == b"something else"


def test_more_photos_than_fit_into_memory(cascade, folder, monkeypatch):
    from types import SimpleNamespace

    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=57_000))
    with pytest.raises(InputError, match=r"4 images × 2,600 columns takes .* GB of memory.*train on 2 images"):
        read_photos(folder, cascade)


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
        read_photos(root, cascade)
