from __future__ import annotations

import os
import shutil
import urllib.request

import numpy as np
import pytest

from imagemood import visual
from imagemood.errors import ImageError, InputError, UnreadableError
from imagemood.learning import labelled_pictures
from imagemood.learning.labelled_pictures import read_labelled_pictures
from imagemood.models.tagger import Tagger
from imagemood.pictures.finding.selection import SearchOptions
from imagemood.pictures.reading import storage
from imagemood.pictures.reading.store_configuration import connect
from imagemood.prediction.cascade import Cascade
from tests.models.networks import mean_colour, write_tagger
from tests.servers import s3_server


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


@pytest.fixture
def s3_server_environment():
    """Environment variables of a client of an S3 server that has the bucket albums."""
    with s3_server() as server:
        urllib.request.urlopen(urllib.request.Request(f"{server.url}/albums", method="PUT")).close()
        yield server.environment


def test_subfolders_are_moods_and_failures_are_reported(cascade, folder):
    steps = []
    photos = read_labelled_pictures(folder, cascade, progress=lambda *step: steps.append(step))
    training_set = photos.training_set
    assert training_set.moods == ["große Ruhe", "joy", "joy"]
    assert training_set.vocabulary == cascade.tagger.labels
    assert training_set.widths == {"tags": 1000, "embedding": 1280}
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
    assert rest.widths == {"embedding": 1280, "visual": 71}
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


def test_the_cache_of_another_network_is_not_used(folder, tmp_path):
    """Both networks have the same card, as after an export with other weights."""
    (folder / "joy" / "broken.jpg").unlink()
    scores = []
    for network in (mean_colour(), mean_colour(softmax=True)):
        cascade = Cascade(Tagger.load(write_tagger(tmp_path, network)))
        labelled = read_labelled_pictures(folder, cascade, inputs=["tags"], cache=tmp_path / "photos.npz")
        scores.append(labelled.training_set.tags)
    assert (tmp_path / "photos.npz").exists()
    assert np.abs(scores[0] - scores[1]).max() > 0.01


def test_another_file_is_not_used_as_a_cache(cascade, folder):
    cache = folder.parent / "other.npz"
    cache.write_bytes(b"something else")
    with pytest.raises(InputError, match="not a stored training set"):
        read_labelled_pictures(folder, cascade, inputs=["tags"], cache=cache)
    assert cache.read_bytes() == b"something else"


def test_pictures_whose_features_do_not_fit_into_memory(cascade, folder, monkeypatch):

    monkeypatch.setattr("imagemood._available_memory._machine_bytes", lambda: 57_000)
    message = r"4 pictures × 2,280 columns needs .* GB of memory.*train on at most 2 pictures"
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


def labelled(folder, cascade, **options):
    """Return the moods, the failures and the skipped names, relative to the folder."""
    skipped = []
    photos = read_labelled_pictures(folder, cascade, inputs=["tags"], on_skip=skipped.append, **options)
    failures = [str(failure).removeprefix(f"{folder}/").partition(" (")[0] for failure in photos.failures]
    return photos.training_set.moods, failures, [str(one).removeprefix(f"{folder}/") for one in skipped]


def test_folders_and_files_that_cannot_be_used_are_failures_or_reported(cascade, folder, lock):
    picture = (folder / "joy" / "rocket.jpg").read_bytes()
    for name in ("@eaDir/a.jpg", "fear/b.jpg", "joy/sub/locked/c.jpg", "stray.jpg", ".hidden/d.jpg", "joy/e.gpr"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture)
    (folder / "linked").symlink_to(folder / "fear")
    os.mkfifo(folder / "joy" / "pipe.jpg")
    lock("locked")
    moods, failures, skipped = labelled(folder, cascade)
    assert moods == ["fear", "große Ruhe", "joy", "joy", "linked"]
    assert failures == [
        "joy/pipe.jpg: a named pipe, not a file",
        "joy/sub/locked: cannot be listed: Permission denied",
        "joy/broken.jpg: unsupported image format",
    ]
    assert [text.partition(" (")[0] for text in skipped] == [
        ".hidden: hidden folder",
        "@eaDir: helper folder",
        "notes.txt: not a picture",
        "stray.jpg: picture outside the folders of moods",
        "empty: folder without pictures",
        "joy/e.gpr: unsupported format: camera raw",
    ]
    moods, *_ = labelled(folder, cascade, options=SearchOptions(include_hidden=True))
    assert moods == [".hidden", "@eaDir", "fear", "große Ruhe", "joy", "joy", "linked"]
    lock("/fear")
    assert labelled(folder, cascade)[1][0] == "fear: cannot be listed: Permission denied"


def test_a_folder_that_cannot_be_listed(cascade, folder, lock):
    lock(folder.name)
    with pytest.raises(UnreadableError, match="cannot be listed: Permission denied"):
        read_labelled_pictures(folder, cascade)
    lock("joy")
    for name in ("große Ruhe", "empty"):
        shutil.rmtree(folder / name)
    with pytest.raises(InputError, match=r"no picture can be read \(.*joy: cannot be listed: Permission denied\)"):
        read_labelled_pictures(folder, cascade)


def test_a_picture_that_vanishes_is_a_failure(cascade, folder, monkeypatch):
    real = labelled_pictures.read_dataset

    def read(*arguments, **options):
        found = real(*arguments, **options)
        (folder / "joy" / "rocket.jpg").unlink()
        return found

    monkeypatch.setattr(labelled_pictures, "read_dataset", read)
    moods, failures, _ = labelled(folder, cascade, cache=folder.parent / "photos.npz")
    assert moods == ["große Ruhe", "joy"]
    assert "joy/rocket.jpg: No such file or directory" in failures


def test_folders_in_object_stores(cascade, folder, s3_server_environment, monkeypatch):
    for name, value in s3_server_environment.items():
        monkeypatch.setenv(name, value)
    connect.cache_clear()
    for path in folder.glob("*/*.*"):
        storage.write(f"s3://albums/{path.relative_to(folder)}", path.read_bytes())
    cache = folder.parent / "photos.npz"
    with pytest.raises(InputError, match="no subfolders with pictures"):
        read_labelled_pictures("s3://albums/absent", cascade)
    assert labelled("s3://albums", cascade)[0] == ["große Ruhe", "joy", "joy"]
    storage.remove("s3://albums/joy/broken.jpg")
    first = read_labelled_pictures("s3://albums", cascade, inputs=["tags"], cache=cache)
    tagged = []
    read_labelled_pictures(
        "s3://albums", cascade, inputs=["tags"], cache=cache, progress=lambda *_: tagged.append(1)
    )
    assert (len(first.paths), tagged) == (3, [])
    storage.write("s3://albums/joy/rocket.jpg", (folder / "joy" / "astronaut.png").read_bytes())
    read_labelled_pictures(
        "s3://albums", cascade, inputs=["tags"], cache=cache, progress=lambda *_: tagged.append(1)
    )
    assert len(tagged) == 3
    connect.cache_clear()
