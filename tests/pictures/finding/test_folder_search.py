from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.pictures.finding import folder_search, listing
from imagemood.pictures.finding.globbing import Pattern
from imagemood.pictures.finding.listing import EntryKind
from imagemood.pictures.finding.selection import SearchOptions, Selection
from imagemood.pictures.reading import storage

FILES = (
    "b.jpg",
    "a/x.JPG",
    "a-b/y.png",
    "a b/z.jpg",
    "a/b/c.jpg",
    "ü/d.jpg",
    "notes.txt",
    "a/IMG_1.GPR",
    ".hidden/e.jpg",
    ".f.jpg",
    "a/._x.JPG",
    ".DS_Store",
    "@eaDir/b.jpg/SYNOPHOTO_THUMB_M.jpg",
    "a/@eaDir/x.JPG/SYNOPHOTO_THUMB_M.jpg",
    "#recycle/gone.jpg",
)
PICTURES = ["a b/z.jpg", "a-b/y.png", "a/b/c.jpg", "a/x.JPG", "b.jpg", "ü/d.jpg"]
HIDDEN = [
    "#recycle/gone.jpg",
    ".f.jpg",
    ".hidden/e.jpg",
    "@eaDir/b.jpg/SYNOPHOTO_THUMB_M.jpg",
    "a/@eaDir/x.JPG/SYNOPHOTO_THUMB_M.jpg",
]
SKIPPED = [
    "#recycle: helper folder",
    ".DS_Store: not a picture",
    ".f.jpg: hidden file",
    ".hidden: hidden folder",
    "@eaDir: helper folder",
    "a/._x.JPG: not a picture",
    "a/@eaDir: helper folder",
    "a/IMG_1.GPR: unsupported format: camera raw (export it as JPEG, or use the JPEG file that the camera wrote)",
    "notes.txt: not a picture",
]


class Search:
    """The paths that a search finds, relative to its root, the errors that it reports, and what it skips."""

    def __init__(self, root, pattern: str = "", *, is_wanted=None, **options):
        root = str(root)
        self.errors: list[str] = []
        self.skipped: list[str] = []
        parts = tuple(pattern.split("/")) if pattern else ()
        choice = SearchOptions(**options)
        selection = Selection(Pattern(parts), choice, is_wanted, lambda one: self.skipped.append(str(one)))
        addresses = folder_search.search(
            root,
            selection,
            follow_links=choice.follow_links,
            on_error=lambda error: self.errors.append(str(error)),
        )
        prefix = f"{root}/" if root else ""
        self.found = [address.removeprefix(prefix) for address in addresses]
        self.errors = [text.removeprefix(prefix) for text in self.errors]
        self.skipped = [text.removeprefix(prefix) for text in self.skipped]


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.fixture(params=["folder", "s3"])
def root(request, tmp_path) -> str:
    """The same files in a folder or in a store."""
    if request.param == "s3":
        request.getfixturevalue("s3")
    root = {"folder": str(tmp_path / "photos"), "s3": "s3://photos"}[request.param]
    for name in FILES:
        storage.write(f"{root}/{name}", b"")
    return root


@pytest.fixture
def folder(tmp_path) -> Path:
    touch(tmp_path / "photos", *FILES)
    return tmp_path / "photos"


def test_the_pictures_are_sorted_by_path_and_everything_else_is_reported(root):
    search = Search(root)
    assert search.found == PICTURES
    assert sorted(search.skipped) == sorted(SKIPPED)
    assert search.errors == []


def test_hidden_and_helper_folders_can_be_included(root):
    search = Search(root, include_hidden=True)
    assert search.found == sorted([*PICTURES, *HIDDEN])
    assert sorted(text.partition(":")[0] for text in search.skipped) == [
        ".DS_Store",
        "a/._x.JPG",
        "a/IMG_1.GPR",
        "notes.txt",
    ]


@pytest.mark.parametrize("name", [".hidden", "@eaDir", "#recycle", "a/@eaDir/x.JPG"])
def test_the_folder_in_which_a_search_starts_may_be_hidden_or_a_helper_folder(root, name):
    expected = [path.removeprefix(f"{name}/") for path in FILES if path.startswith(f"{name}/")]
    assert Search(f"{root}/{name}").found == expected


def test_other_files_are_searched_for_with_the_same_rules(root):
    search = Search(root, is_wanted=lambda name: name.endswith(".txt"))
    assert search.found == ["notes.txt"]
    assert "a/IMG_1.GPR: not a picture" in search.skipped


@pytest.mark.parametrize(
    ("pattern", "expected", "skipped"),
    [
        ("*.jpg", ["b.jpg"], [".f.jpg: hidden file"]),
        ("a", ["a/b/c.jpg", "a/x.JPG"], ["._x.JPG", "@eaDir", "IMG_1.GPR"]),
        ("*/*.JPG", ["a/x.JPG"], ["#recycle", ".hidden", "@eaDir", "._x.JPG"]),
        ("*", ["notes.txt", *PICTURES], ["#recycle", ".DS_Store", ".f.jpg", ".hidden", "@eaDir", "a/@eaDir"]),
        ("**/*.GPR", ["a/IMG_1.GPR"], ["#recycle", ".hidden", "@eaDir", "a/@eaDir"]),
        ("*/@eaDir/*", ["a/@eaDir/x.JPG/SYNOPHOTO_THUMB_M.jpg"], ["#recycle", ".hidden", "@eaDir"]),
        (".h*/*", [".hidden/e.jpg"], []),
        ("@*/**", [], ["@eaDir"]),
    ],
)
def test_patterns(root, pattern, expected, skipped):
    search = Search(root, pattern)
    assert search.found == sorted(expected)
    assert [name for name in skipped if not any(name in text for text in search.skipped)] == []
    assert (search.skipped == []) is (skipped == [])


def test_a_pattern_with_hidden_files_included(root):
    assert Search(root, "**/*.jpg", include_hidden=True).found == sorted(
        path for path in FILES if path.endswith(".jpg")
    )


@given(st.sets(st.text("ab-. /", min_size=1, max_size=6).map(lambda name: f"{name.strip('/. ')}.jpg")))
def test_any_names_are_sorted_by_path(tmp_path_factory, names):
    root = tmp_path_factory.mktemp("walk")
    made = set()
    for name in names:
        try:
            touch(root, name)
        except OSError:  # a folder of this name, or a file in place of a folder
            continue
        made.add(os.path.relpath(root / name, root))
    search = Search(root, include_hidden=True, is_wanted=lambda _: True)
    assert search.found == sorted(path for path in made if not Path(path).name.startswith("._"))


def test_the_empty_address_is_the_working_directory(folder, monkeypatch):
    monkeypatch.chdir(folder / "a")
    assert Search("").found == ["b/c.jpg", "x.JPG"]


def test_a_working_directory_that_was_deleted_is_empty(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    search = Search("")
    assert (search.found, search.errors) == ([], [])


def test_the_rules_for_folders_of_programs_apply_to_the_first_folder_too(tmp_path, monkeypatch):
    library = tmp_path / "Photos.photoslibrary"
    touch(library, "originals/1/a.jpg", "resources/derivatives/a.jpg")
    assert Search(library).found == ["originals/1/a.jpg"]
    assert Search(tmp_path).found == ["Photos.photoslibrary/originals/1/a.jpg"]
    assert Search(library / "resources" / "derivatives").found == ["a.jpg"]
    monkeypatch.chdir(library)
    assert Search(".").found == ["originals/1/a.jpg"]
    monkeypatch.chdir(library / "originals")
    assert Search("..").found == ["originals/1/a.jpg"]


def test_a_folder_that_cannot_be_listed_is_reported_and_the_others_are_searched(folder, lock):
    lock("a/b")
    search = Search(folder)
    assert search.found == [path for path in PICTURES if path != "a/b/c.jpg"]
    assert search.errors == ["a/b: cannot be listed: Permission denied"]


def test_a_folder_that_vanishes_is_reported(folder, monkeypatch):
    real = listing.scan

    def scan(path):
        found = real(path)
        if path.endswith("/a"):
            shutil.rmtree(folder / "a" / "b")
        return found

    monkeypatch.setattr(folder_search, "scan", scan)
    search = Search(folder)
    assert search.found == [path for path in PICTURES if path != "a/b/c.jpg"]
    assert search.errors == ["a/b: cannot be listed: No such file or directory"]


def test_a_missing_folder_has_no_files(tmp_path, s3):
    for root in (tmp_path / "absent", "s3://photos/absent", "s3://no-bucket/absent"):
        search = Search(root)
        assert (search.found, search.errors) == ([], [])


def test_special_files_and_broken_links_with_the_names_of_pictures_are_errors(tmp_path):
    touch(tmp_path, "a.jpg")
    for name in ("pipe.jpg", "pipe"):
        os.mkfifo(tmp_path / name)
    for name, target in (("broken", "nowhere"), ("loop", "loop.jpg"), ("null", "/dev/null")):
        (tmp_path / f"{name}.jpg").symlink_to(target)
        (tmp_path / name).symlink_to(target.removesuffix(".jpg"))
    errors = [
        "broken.jpg: broken symbolic link",
        "loop.jpg: Too many levels of symbolic links",
        "null.jpg: a character device, not a file",
        "pipe.jpg: a named pipe, not a file",
    ]
    for pattern in ("", "*.jpg", "**"):
        search = Search(tmp_path, pattern)
        assert search.found == ["a.jpg"]
        assert [error for error in search.errors if ".jpg" in error] == errors
    assert Search(tmp_path).errors == errors
    assert Search(tmp_path).skipped == [
        "broken: broken link",
        "loop: broken link",
        "null: not a picture",
        "pipe: not a picture",
    ]
    assert sorted(Search(tmp_path, follow_links=True).errors) == sorted(
        [*errors, "broken: broken symbolic link", "loop: Too many levels of symbolic links"]
    )
    assert Search(tmp_path, "*.png").skipped == Search(tmp_path, "*.png", follow_links=True).errors == []
    assert "pipe: a named pipe, not a file" in Search(tmp_path, "*").errors


def test_entries_of_unknown_kind_are_examined(tmp_path, monkeypatch):
    touch(tmp_path, "a.jpg")
    unknown = [(name, EntryKind.OTHER) for name in ("a.jpg", "gone.jpg", "gone.txt")]
    monkeypatch.setattr(folder_search, "scan", lambda _: unknown)
    search = Search(tmp_path)
    assert search.found == ["a.jpg"]
    assert search.errors == ["gone.jpg: No such file or directory", "gone.txt: No such file or directory"]


def test_links_to_folders_are_skipped_by_default(folder):
    (folder / "a" / "round").symlink_to(folder, target_is_directory=True)
    (folder / "link.jpg").symlink_to(folder / "b.jpg")
    search = Search(folder)
    assert search.found == sorted([*PICTURES, "link.jpg"])
    assert "a/round: link to a folder" in search.skipped
    assert Search(folder, "**/b.jpg").found == ["b.jpg"]
    assert Search(folder, "*/round/b.jpg").found == ["a/round/b.jpg"]
    assert Search(folder, "*/round").found == sorted(f"a/round/{path}" for path in [*PICTURES, "link.jpg"])


def test_links_to_folders_can_be_followed_without_searching_a_folder_twice(tmp_path):
    touch(tmp_path, "photos/2020/a.jpg", "photos/2020/b/b.jpg", "other/c.jpg")
    photos = tmp_path / "photos"
    (photos / "2020" / "up").symlink_to(photos)
    (photos / "again").symlink_to("2020")
    (photos / "other").symlink_to(tmp_path / "other")
    (photos / "other 2").symlink_to(tmp_path / "other")
    (tmp_path / "other" / "back").symlink_to(photos)
    search = Search(photos, follow_links=True)
    assert search.found == ["2020/a.jpg", "2020/b/b.jpg", "other 2/c.jpg"]
    assert search.skipped == [
        f"{name}: folder that is already searched" for name in ("2020/up", "again", "other 2/back", "other")
    ]
    assert Search(photos, "**/*.jpg", follow_links=True).found == search.found
    assert Search(photos, "*/c.jpg", follow_links=True).found == ["other 2/c.jpg"]
    assert Search(photos, "*/c.jpg").found == ["other 2/c.jpg", "other/c.jpg"]


def test_a_followed_link_to_a_folder_that_cannot_be_entered_is_reported(folder, lock):
    touch(folder.parent, "elsewhere/a.jpg")
    (folder / "link").symlink_to(folder.parent / "elsewhere", target_is_directory=True)
    lock("link")
    search = Search(folder, follow_links=True)
    assert search.errors == ["link: cannot be listed: Permission denied"]


def test_deep_folders_are_searched_until_their_paths_are_too_long(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        for level in range(3000):
            os.mkdir("d", dir_fd=descriptor)
            below = os.open("d", os.O_RDONLY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
            if level in (10, 1500):
                os.close(os.open("a.jpg", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
    finally:
        os.close(descriptor)
    search = Search(tmp_path)
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # too deep for shutil
    assert [path.count("/") for path in search.found] == [11, 1501]
    (error,) = search.errors
    assert error.endswith("d/d: cannot be listed: File name too long")


def test_a_store_that_cannot_be_listed_is_reported(s3):
    s3.always = "403 Forbidden"
    assert Search("s3://photos/a").errors == [
        "s3://photos/a: cannot be listed: the store responded with 403 Forbidden"
    ]
