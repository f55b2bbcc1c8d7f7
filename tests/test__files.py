from __future__ import annotations

import os

import pytest

from imagemood._files import atomic_file, atomic_folder, check_replaceable
from imagemood.errors import InputError

MARKERS = ("metadata.json", "model.onnx")


def fill(folder, content="", names=MARKERS):
    for name in names:
        (folder / name).write_text(content)


def write_folder(path, content=""):
    with atomic_folder(path, markers=MARKERS) as temporary:
        fill(temporary, content)


def test_file_appears_when_the_block_ends(tmp_path):
    path = tmp_path / "rows.csv"
    with atomic_file(path) as temporary:
        temporary.write_text("content")
        assert temporary.parent == tmp_path
        assert not path.exists()
    assert path.read_text() == "content"
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_path_may_be_text_and_hold_any_character(tmp_path):
    path = tmp_path / "a b, ü.csv.gz"
    with atomic_file(str(path)) as temporary:
        temporary.write_bytes(b"\x00")
    assert path.read_bytes() == b"\x00"


@pytest.mark.parametrize("error_class", [RuntimeError, KeyboardInterrupt])
def test_failure_keeps_the_old_file_and_leaves_no_temporary_one(tmp_path, error_class):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    with pytest.raises(error_class), atomic_file(path) as temporary:
        temporary.write_text("half")
        raise error_class
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_failure_creates_no_file(tmp_path):
    with pytest.raises(RuntimeError), atomic_file(tmp_path / "rows.csv"):
        raise RuntimeError
    assert os.listdir(tmp_path) == []


def test_file_that_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="cannot be written: No such file"), atomic_file(tmp_path / "no" / "x"):
        pass
    with pytest.raises(InputError, match="is a folder, not a file"), atomic_file(tmp_path):
        pass


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path):
    path = tmp_path / "rows.csv"
    with atomic_file(path) as first, atomic_file(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # whose block ended last
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_folder_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "deep" / "model"
    write_folder(path, "old")
    (path / "extra.txt").touch()
    write_folder(path, "new")
    assert (path / "metadata.json").read_text() == "new"
    assert sorted(os.listdir(path)) == ["metadata.json", "model.onnx"]
    assert os.listdir(path.parent) == ["model"]


def test_failure_keeps_the_old_folder(tmp_path):
    path = tmp_path / "model"
    write_folder(path, "old")
    with pytest.raises(RuntimeError), atomic_folder(path, markers=MARKERS) as temporary:
        fill(temporary, "half")
        raise RuntimeError
    assert (path / "metadata.json").read_text() == "old"
    assert os.listdir(tmp_path) == ["model"]


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written: Not a directory"):
        write_folder(tmp_path / "file" / "model")


def test_folder_with_other_files_is_not_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="the folder is not empty and does not contain metadata.json"):
        write_folder(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.txt"]
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_file_is_not_replaced_by_a_folder(tmp_path):
    (tmp_path / "model").write_text("years of work")
    with pytest.raises(InputError, match="model: is a file, not a folder"):
        write_folder(tmp_path / "model")
    assert (tmp_path / "model").read_text() == "years of work"


def test_new_or_empty_folder_may_be_filled(tmp_path):
    write_folder(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    write_folder(tmp_path / "empty")
    assert sorted(os.listdir(tmp_path / "empty")) == sorted(os.listdir(tmp_path / "new")) == list(MARKERS)


@pytest.mark.parametrize("missing", MARKERS)
def test_folder_without_one_of_the_markers_is_not_replaceable(tmp_path, missing):
    fill(tmp_path)
    check_replaceable(tmp_path, markers=MARKERS)
    (tmp_path / missing).unlink()
    with pytest.raises(InputError, match=f"does not contain {missing}"):
        check_replaceable(tmp_path, markers=MARKERS)


def test_marker_that_is_a_folder_does_not_count(tmp_path):
    fill(tmp_path, names=["metadata.json"])
    (tmp_path / "model.onnx").mkdir()
    with pytest.raises(InputError, match="does not contain model.onnx"):
        check_replaceable(str(tmp_path), markers=MARKERS)
