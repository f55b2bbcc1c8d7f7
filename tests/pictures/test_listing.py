from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError, RemoteError
from imagemood.pictures import listing, storage

FILES = ["b.jpg", "a/x.jpg", "a-b/y.jpg", "a b/z.jpg", "a/b/c.jpg", "ü/d.jpg", ".hidden/e.jpg"]


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def walk(folder, **options) -> list[str]:
    options.setdefault("enter", lambda _, is_link: not is_link)
    return ["/".join(parts) for parts in listing.walk(str(folder), **options)]


def test_a_walk_is_sorted_by_path(folder):
    assert walk(folder) == sorted(FILES)


def test_stores_and_folders_are_walked_in_the_same_order(folder, s3):
    for name in FILES:
        storage.write(f"s3://photos/{name}", b"")
    assert walk("s3://photos") == walk(folder)
    assert walk("s3://photos/a") == walk(folder / "a") == ["b/c.jpg", "x.jpg"]
    assert listing.entries("s3://photos") == listing.entries(str(folder))


@given(st.sets(st.text("ab-. /", min_size=1, max_size=6).map(lambda name: f"{name.strip('/. ')}.jpg")))
def test_any_names_are_sorted_by_path(tmp_path_factory, names):
    root = tmp_path_factory.mktemp("walk")
    made = set()
    for name in names:
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        except OSError:  # a folder of this name, or a file in place of a folder
            continue
        made.add(os.path.relpath(path, root))
    assert walk(root) == sorted(made)


def test_the_caller_decides_which_folders_are_entered(folder):
    seen = []

    def enter(parts, is_link):
        seen.append("/".join(parts))
        return parts == ("a",)

    assert walk(folder, enter=enter) == ["a/x.jpg", "b.jpg"]
    assert seen == [".hidden", "a b", "a-b", "a", "a/b", "ü"]


def test_symbolic_links_are_reported_to_the_caller(folder):
    (folder / "a" / "round").symlink_to(folder, target_is_directory=True)
    assert "a/round/b.jpg" not in walk(folder)
    links = []
    walk(folder, enter=lambda parts, is_link: links.append(parts) if is_link else True)
    assert links == [("a", "round")]
    assert listing.entries(str(folder / "a")) == [("b", True), ("round", False), ("x.jpg", False)]


def test_the_empty_address_is_the_working_directory(folder, monkeypatch):
    monkeypatch.chdir(folder / "a")
    assert walk("") == ["b/c.jpg", "x.jpg"]


def test_a_folder_that_cannot_be_listed_is_an_error_or_reported(folder, lock):
    lock("a-b")
    with pytest.raises(InputError, match=r"a-b: cannot be listed: Permission denied$"):
        walk(folder)
    errors = []
    assert walk(folder, on_error=errors.append) == sorted(set(FILES) - {"a-b/y.jpg"})
    assert [error.where for error in errors] == [f"{folder}/a-b"]


def test_missing_folders_are_empty(tmp_path, s3):
    for folder in (str(tmp_path / "absent"), "s3://photos/absent", "s3://no-bucket/absent"):
        assert listing.entries(folder) == []
        assert walk(folder) == []
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


def test_a_store_that_cannot_be_listed_is_an_error_or_reported(s3):
    s3.always = "403 Forbidden"
    with pytest.raises(RemoteError, match=r"^s3://photos/a: cannot be listed: the store responded with 403"):
        walk("s3://photos/a")
    errors = []
    assert walk("s3://photos/a", on_error=errors.append) == []
    assert [error.where for error in errors] == ["s3://photos/a"]
