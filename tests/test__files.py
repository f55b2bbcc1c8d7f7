from __future__ import annotations

import os

import pytest

from imagemood._files import check_replaceable, whole_file, whole_folder
from imagemood.errors import InputError


def test_file_appears_whole_at_the_end(tmp_path):
    path = tmp_path / "rows.csv"
    with whole_file(path) as beside:
        beside.write_text("half")
        assert not path.exists()
    assert path.read_text() == "half"
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_failure_leaves_the_old_file_and_nothing_beside(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as beside:
        beside.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_file_that_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="cannot be written: No such file"), whole_file(tmp_path / "no" / "x"):
        pass
    with pytest.raises(InputError, match="is a folder, not a file"), whole_file(tmp_path):
        pass


def test_folder_is_replaced_whole(tmp_path):
    path = tmp_path / "deep" / "model"
    for content in ("old", "new"):
        with whole_folder(path, markers=("metadata.json",)) as beside:
            (beside / "metadata.json").write_text(content)
    assert (path / "metadata.json").read_text() == "new"
    assert os.listdir(path.parent) == ["model"]


def test_failure_leaves_the_old_folder(tmp_path):
    path = tmp_path / "model"
    with whole_folder(path, markers=("metadata.json",)) as beside:
        (beside / "metadata.json").write_text("old")
    with pytest.raises(RuntimeError), whole_folder(path, markers=("metadata.json",)) as beside:
        (beside / "metadata.json").write_text("half")
        raise RuntimeError
    assert (path / "metadata.json").read_text() == "old"
    assert os.listdir(tmp_path) == ["model"]


def test_folder_of_something_else_is_not_touched(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with (
        pytest.raises(InputError, match="is a folder of something else"),
        whole_folder(tmp_path, markers=("metadata.json",)),
    ):
        pass
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    with pytest.raises(InputError, match="is a file, not a folder"):
        check_replaceable(tmp_path / "thesis.txt", markers=("metadata.json",))


def test_an_empty_folder_may_be_filled(tmp_path):
    with whole_folder(tmp_path / "new", markers=("m",)) as beside:
        (beside / "m").touch()
    (tmp_path / "empty").mkdir()
    with whole_folder(tmp_path / "empty", markers=("m",)) as beside:
        (beside / "m").touch()
    assert (tmp_path / "empty" / "m").exists()


def test_one_marker_of_two_is_something_else(tmp_path):
    (tmp_path / "metadata.json").touch()
    with pytest.raises(InputError, match="it has no model.onnx"):
        check_replaceable(tmp_path, markers=("metadata.json", "model.onnx"))
    (tmp_path / "model.onnx").touch()
    check_replaceable(tmp_path, markers=("metadata.json", "model.onnx"))
