from __future__ import annotations

import numpy as np
import pytest

from imagemood import visual
from imagemood.errors import ImageError, InputError
from imagemood.learning.labelled_pictures import read_labelled_pictures
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
    (tmp_path / "joy" / "broken.jpg").write_bytes(b"not a picture")
    (tmp_path / "empty").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").touch()
    return tmp_path


def test_subfolders_are_moods_and_failures_are_reported(cascade, folder):
    steps = []
    photos = read_labelled_pictures(folder, cascade, progress=lambda *step: steps.append(step))
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


def test_only_requested_features_are_computed(cascade, folder):
    tags = read_labelled_pictures(folder, cascade, inputs=["tags"]).training_set
    assert list(tags.inputs) == ["tags"]
    np.testing.assert_allclose(tags.tags.sum(axis=1), 1, atol=1e-5)
    rest = read_labelled_pictures(folder, cascade, inputs=["embedding", "visual"]).training_set
    assert rest.widths == {"embedding": 1600, "visual": 71}
    assert rest.vocabulary == ()
    assert rest.visual_names == visual.NAMES


def test_the_cache_is_used_while_nothing_changes(cascade, folder, monkeypatch):
    (folder / "joy" / "broken.jpg").unlink()
    cache = folder.parent / "photos.npz"
    first = read_labelled_pictures(folder, cascade, cache=cache)

    class NoTagging(Cascade):
        def tag_many(self, *_args, **_options):
            raise AssertionError("tagged again")

    no_tagging = NoTagging(cascade.tagger)
    again = read_labelled_pictures(folder, no_tagging, cache=cache)
    assert again.training_set.fingerprint() == first.training_set.fingerprint()
    assert again.paths == first.paths
    with pytest.raises(AssertionError, match="tagged again"):
        read_labelled_pictures(folder, no_tagging, inputs=["tags"], cache=cache)
    (folder / "joy" / "rocket.jpg").rename(folder / "große Ruhe" / "rocket.jpg")
    with pytest.raises(AssertionError, match="tagged again"):
        read_labelled_pictures(folder, no_tagging, cache=cache)


def test_failed_pictures_are_read_again(cascade, folder, tmp_path):
    cache = folder.parent / "with_failures.npz"
    assert len(read_labelled_pictures(folder, cascade, inputs=["tags"], cache=cache).failures) == 1
    assert len(read_labelled_pictures(folder, cascade, inputs=["tags"], cache=cache).failures) == 1


def test_another_file_is_not_used_as_a_cache(cascade, folder):
    cache = folder.parent / "other.npz"
    cache.write_bytes(b"something else")
    with pytest.raises(InputError, match="not a stored training set"):
        read_labelled_pictures(folder, cascade, inputs=["tags"], cache=cache)
    assert cache.read_bytes() == b"something else"


def test_pictures_whose_features_do_not_fit_into_memory(cascade, folder, monkeypatch):
    from types import SimpleNamespace

    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=57_000))
    message = r"4 pictures × 2,600 columns needs .* GB of memory.*train on at most 2 pictures"
    with pytest.raises(InputError, match=message):
        read_labelled_pictures(folder, cascade)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such folder"),
        ({}, "no subfolders with pictures"),
        ({"joy/x.jpg": b"no"}, "no picture can be read"),
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
        read_labelled_pictures(root, cascade)
