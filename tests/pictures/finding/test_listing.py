from __future__ import annotations

import os
from pathlib import Path

import pytest

from imagemood.errors import InputError
from imagemood.pictures.finding import listing
from imagemood.pictures.finding.listing import EntryKind
from imagemood.pictures.reading import storage

FILES = ["b.jpg", "a/x.jpg", "a-b/y.jpg", "a b/z.jpg", "a/b/c.jpg", "ü/d.jpg", ".hidden/e.jpg"]


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_folders_and_stores_have_the_same_entries(folder, s3):
    for name in FILES:
        storage.write(f"s3://photos/{name}", b"")
    names = [".hidden", "a", "a b", "a-b", "b.jpg", "ü"]
    assert listing.entries(str(folder)) == [(name, name != "b.jpg") for name in names]
    assert listing.entries("s3://photos") == listing.entries(str(folder))


def test_the_kinds_of_entries(folder, monkeypatch):
    (folder / "a" / "link").symlink_to(folder)
    (folder / "a" / "link.jpg").symlink_to(folder / "b.jpg")
    (folder / "a" / "gone.jpg").symlink_to("nowhere")
    (folder / "a" / "loop").symlink_to("loop")
    (folder / "a" / "null").symlink_to("/dev/null")
    os.mkfifo(folder / "a" / "pipe")
    expected = {
        "b": EntryKind.FOLDER,
        "gone.jpg": EntryKind.OTHER,
        "link": EntryKind.LINK_TO_FOLDER,
        "link.jpg": EntryKind.FILE,
        "loop": EntryKind.OTHER,
        "null": EntryKind.OTHER,
        "pipe": EntryKind.OTHER,
        "x.jpg": EntryKind.FILE,
    }
    assert dict(listing.scan(str(folder / "a"))) == expected
    assert listing.entries(str(folder / "a")) == [(name, name == "b") for name in expected]
    monkeypatch.chdir(folder / "a")
    assert dict(listing.scan("")) == expected


def test_a_folder_that_cannot_be_listed_is_an_error(folder, lock):
    lock("a-b")
    with pytest.raises(InputError, match=r"a-b: cannot be listed: Permission denied$"):
        listing.entries(str(folder / "a-b"))


def test_missing_folders_are_empty(tmp_path, s3):
    for folder in (str(tmp_path / "absent"), "s3://photos/absent", "s3://no-bucket/absent"):
        assert listing.entries(folder) == []
        assert not listing.exists(folder)
        assert not listing.is_folder(folder)


def test_a_file_is_not_a_folder(folder, s3):
    with pytest.raises(InputError, match=r"cannot be listed: Not a directory"):
        listing.entries(str(folder / "b.jpg"))
    storage.write("s3://photos/a/b.jpg", b"")
    for root in (str(folder), "s3://photos"):
        assert listing.exists(f"{root}/a")
        assert listing.is_folder(f"{root}/a")
        assert listing.is_folder(f"{root}/a/")
    assert listing.exists("s3://photos/a/b.jpg")
    assert not listing.is_folder("s3://photos/a/b.jpg")
    assert listing.exists(str(folder / "b.jpg"))
    assert not listing.is_folder(str(folder / "b.jpg"))
