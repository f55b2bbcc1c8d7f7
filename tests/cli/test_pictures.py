from __future__ import annotations

import pytest

from imagemood.cli.pictures import FolderSearch, successful_results, without_duplicates
from imagemood.errors import ImageError, NoPicturesError
from imagemood.pictures.picture import Picture
from imagemood.prediction.result import Result
from tests.cli.commands import new_context


def test_pictures_of_several_arguments(photos):
    pictures = FolderSearch(new_context()).find_pictures([str(photos / "rocket.jpg"), str(photos), "absent.jpg"])
    names = [str(photos / name) for name in ("rocket.jpg", "chelsea.png", "coffee.png", "rocket.jpg")]
    assert [picture.name for picture in pictures] == [*names, "absent.jpg"]


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return str(folder)


@pytest.mark.parametrize("show_skipped", [False, True])
def test_skipped_files_and_folders_are_counted_and_listed_on_request(tmp_path, capsys, show_skipped):
    root = touch(tmp_path, "a.jpg", "b.gpr", "sub/c.gpr", "#recycle/d.jpg", "notes.txt")
    context = new_context()
    pictures = FolderSearch(context, show_skipped=show_skipped).find_pictures([root])
    assert [picture.name for picture in pictures] == [f"{root}/a.jpg"]
    context.close()
    lines = capsys.readouterr().err.splitlines()
    summary = "skipped: 2 .gpr files, 1 helper folder"
    if not show_skipped:
        assert lines == [f"{summary}; --show-skipped lists them"]
        return
    assert lines[-1] == summary
    assert [line.partition(" (")[0] for line in lines[:-1]] == [
        f"skipped: {root}/#recycle: helper folder",
        f"skipped: {root}/b.gpr: unsupported format: camera raw",
        f"skipped: {root}/notes.txt: not a picture",
        f"skipped: {root}/sub/c.gpr: unsupported format: camera raw",
    ]


def test_nothing_is_reported_if_only_other_files_are_skipped(tmp_path, capsys):
    context = new_context()
    FolderSearch(context).find_pictures([touch(tmp_path, "a.jpg", "a.xmp", "Thumbs.db", ".DS_Store")])
    context.close()
    assert capsys.readouterr().err == ""


def test_folders_without_pictures_are_wrong_usage_if_there_is_nothing_else(tmp_path, capsys):
    first, second = touch(tmp_path / "a", "a.gpr"), touch(tmp_path / "b", "b.txt")
    context = new_context()
    with pytest.raises(NoPicturesError, match="/b: contains no pictures$"):
        FolderSearch(context).find_pictures([first, second])
    context.close()
    assert capsys.readouterr().err == (
        f"error: {first}: contains no pictures; skipped 1 .gpr file "
        "(export it as JPEG, or use the JPEG file that the camera wrote)\n"
    )
    pictures = FolderSearch(context).find_pictures([first, "absent.jpg"])
    assert [type(picture.error).__name__ for picture in pictures] == ["NoPicturesError", "InputError"]


def test_the_first_picture_of_each_name_is_kept():
    pictures = [
        Picture.from_bytes(content, name=name) for name, content in (("a", b"1"), ("b", b"2"), ("a", b"3"))
    ]
    assert without_duplicates(pictures) == pictures[:2]


def test_failed_results_are_reported_and_the_others_returned(capsys):
    good = [Result("a.jpg"), Result("c.jpg")]
    failed = Result("b.jpg", error=ImageError("empty file", where="b.jpg"))
    calls, errors = [], []
    results = successful_results(iter([good[0], failed, good[1]]), 3, lambda *call: calls.append(call), errors)
    assert list(results) == good
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert errors == [failed.error]
    assert capsys.readouterr().err == "error: b.jpg: empty file\n"
