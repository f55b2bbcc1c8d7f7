from __future__ import annotations

import hashlib
import os
import shutil

import numpy as np
import PIL.Image
import pytest

from imagemood.errors import InputError
from imagemood.finetuning import stored_photos
from imagemood.finetuning.stored_photos import store
from imagemood.pictures.picture import Picture


@pytest.fixture
def files(tmp_path):
    """Return 70 files, of which the third and the last are not pictures."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(70):
        PIL.Image.new("RGB", (30, 20), (i, 0, 255 - i)).save(folder / f"{i:02}.png")
    for i in (2, 69):
        (folder / f"{i:02}.png").write_bytes(b"text")
    return sorted(folder.iterdir())


@pytest.fixture
def work(tmp_path):
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def pictures(files):
    return [Picture.from_address(file) for file in files]


def test_photos_are_decoded_and_hashed_and_failures_are_named(files, work):
    ticks = []
    photos = store(pictures(files), work, progress=lambda *progress: ticks.append(progress))
    assert ticks == [(64, 70), (70, 70)]
    assert photos.pixels.shape == (70, 224, 224, 3)
    assert photos.readable.tolist() == [i for i in range(70) if i not in (2, 69)]
    assert [photo[100, 100].tolist() for photo in photos.pixels[65:69]] == [[i, 0, 255 - i] for i in range(65, 69)]
    assert photos.hashes[5] == hashlib.sha256(files[5].read_bytes()).hexdigest()
    assert [str(failure).partition(": ")[0] for failure in photos.failures] == [str(files[2]), str(files[69])]
    assert "unsupported image format" in str(photos.failures[0])


def test_an_interrupted_command_continues(files, work, monkeypatch):
    expected = np.array(store(pictures(files), work).pixels)
    shutil.rmtree(work)
    work.mkdir()
    decoded = []

    def fail_later(picture):
        decoded.append(picture.name)
        if len(decoded) > 66:
            raise KeyboardInterrupt
        return load(picture)

    load = stored_photos._load_one
    monkeypatch.setattr(stored_photos, "_load_one", fail_later)
    with pytest.raises(KeyboardInterrupt):
        store(pictures(files), work)
    decoded.clear()
    monkeypatch.setattr(stored_photos, "_load_one", lambda picture: decoded.append(picture.name) or load(picture))
    photos = store(pictures(files), work)
    assert len(decoded) == 6
    np.testing.assert_array_equal(photos.pixels, expected)
    assert len(photos.failures) == 2
    decoded.clear()
    assert store(pictures(files), work).hashes == photos.hashes
    assert decoded == []


def test_too_little_space_is_reported_before_the_work(files, work, monkeypatch):
    usage = shutil.disk_usage(work)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(InputError, match=r"work: 0.3 GB are needed, but only 0.0 GB of disk space are free"):
        store(pictures(files), work)


def test_a_full_disk_is_an_error(files, work):
    (work / "photos.bin").symlink_to("/dev/full")
    with pytest.raises(InputError, match=r"photos.bin: cannot be written: No space left on device"):
        store(pictures(files), work)


@pytest.mark.parametrize("n_left", [None, 0, 69])
def test_a_file_that_has_lost_photos_is_an_error(files, work, n_left):
    store(pictures(files), work)
    file = work / "photos.bin"
    if n_left is None:
        file.unlink()
    else:
        os.truncate(file, n_left * 224 * 224 * 3)
    message = r"photos\.bin: the decoded photos are incomplete \(remove the folder, and start again\)"
    with pytest.raises(InputError, match=message):
        store(pictures(files), work)
