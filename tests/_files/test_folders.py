from __future__ import annotations

import errno
import os
import stat

import pytest

from imagemood._files import atomic_folder, check_folder, create_folder
from imagemood.errors import InputError
from tests._files.test_atomic import fail_with, mode, umask

MARKERS = ("metadata.json", "model.onnx")


def fill(folder, content="", names=MARKERS):
    for name in names:
        (folder / name).write_text(content)


def write_folder(path, content=""):
    with atomic_folder(path, markers=MARKERS) as temporary:
        fill(temporary, content)


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


def test_failure_leaves_no_parent_folders(tmp_path):
    with pytest.raises(RuntimeError), atomic_folder(tmp_path / "a" / "b" / "model", markers=MARKERS):
        raise RuntimeError
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("write", [write_folder, check_folder])
def test_standard_output_is_not_a_folder(tmp_path, monkeypatch, write):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="^-: is standard output, not a folder .give the name of a folder"):
        write("-")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("write", [write_folder, lambda path: check_folder(path, markers=MARKERS)])
def test_folder_that_cannot_be_written(tmp_path, write):
    (tmp_path / "file").write_text("years of work")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.txt").write_text("years of work")
    for name, message in (
        ("file", "is a file, not a folder"),
        ("file/model", "cannot be written: Not a directory"),
        ("file/deep/model", "cannot be written: Not a directory"),
        ("loop", "cannot be written: Too many levels of symbolic links"),
        ("pipe", "is a pipe or device, not a folder"),
        ("x" * 300, "cannot be written: File name too long"),
        ("x" * 300 + "/model", "cannot be written: File name too long"),
        ("x\0y", "cannot be written: embedded null byte"),
        ("thesis", "the folder is not empty and does not contain metadata.json"),
    ):
        with pytest.raises(InputError) as caught:
            write(tmp_path / name)
        assert caught.value.what == message
        assert caught.value.where == str(tmp_path / name)
    with pytest.raises(InputError, match="/dev/null: is a pipe or device, not a folder"):
        write("/dev/null")
    assert (tmp_path / "file").read_text() == (tmp_path / "thesis" / "thesis.txt").read_text() == "years of work"
    assert sorted(os.listdir(tmp_path)) == ["file", "loop", "pipe", "thesis"]


def test_new_or_empty_folder_may_be_filled(tmp_path):
    write_folder(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    write_folder(tmp_path / "empty")
    assert sorted(os.listdir(tmp_path / "empty")) == sorted(os.listdir(tmp_path / "new")) == list(MARKERS)


@pytest.mark.parametrize("missing", MARKERS)
def test_folder_without_one_of_the_markers_is_not_replaceable(tmp_path, missing):
    fill(tmp_path)
    check_folder(tmp_path, markers=MARKERS)
    (tmp_path / missing).unlink()
    with pytest.raises(InputError, match=f"does not contain {missing}"):
        check_folder(tmp_path, markers=MARKERS)
    check_folder(tmp_path)  # that may contain anything


def test_marker_that_is_a_folder_does_not_count(tmp_path):
    fill(tmp_path, names=["metadata.json"])
    (tmp_path / "model.onnx").mkdir()
    with pytest.raises(InputError, match="does not contain model.onnx"):
        check_folder(str(tmp_path), markers=MARKERS)


def test_the_check_leaves_no_trace(tmp_path):
    check_folder(tmp_path / "a" / "b", markers=MARKERS)
    assert os.listdir(tmp_path) == []
    (tmp_path / "empty").mkdir()
    check_folder(tmp_path / "empty", markers=MARKERS)
    assert os.listdir(tmp_path / "empty") == []


def test_links(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "link").symlink_to("store/model")
    (tmp_path / "chain").symlink_to(tmp_path / "link")
    for path, content in (("link", "dangling"), ("chain", "replaced"), ("link", "again")):
        check_folder(tmp_path / path, markers=MARKERS)
        write_folder(tmp_path / path, content)
        assert (tmp_path / "store" / "model" / "metadata.json").read_text() == content
        assert (tmp_path / "link").is_symlink()
        assert os.listdir(tmp_path / "store") == ["model"]


def test_modes(tmp_path):
    path = tmp_path / "model"
    with umask(0o027):
        write_folder(path)
    assert (mode(path), mode(path / "model.onnx")) == (0o750, 0o640)
    path.chmod(0o2700)
    (path / "model.onnx").chmod(0o600)
    with atomic_folder(path, markers=MARKERS) as temporary:
        fill(temporary)
        assert mode(temporary) == 0o2700
    assert (mode(path), mode(path / "model.onnx")) == (0o2700, 0o600)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("function", ["os.fsync", "pathlib.Path.write_text", "pathlib.Path.mkdir"])
def test_a_failed_write_is_one_line_and_keeps_the_old_folder(tmp_path, monkeypatch, number, function):
    path = tmp_path / "model"
    write_folder(path, "old")
    monkeypatch.setattr(function, fail_with(number))
    with pytest.raises(InputError) as caught:
        write_folder(path, "new")
    assert str(caught.value) == f"{path}: cannot be written: {os.strerror(number)}"
    assert (path / "metadata.json").read_text() == "old"
    assert os.listdir(tmp_path) == ["model"]


def test_if_the_new_folder_cannot_be_renamed_the_old_one_comes_back(tmp_path, monkeypatch):
    path = tmp_path / "model"
    write_folder(path, "old")
    rename = type(path).rename

    def fail_at_second(self, target):
        if self != path and (self / "metadata.json").read_text() == "new":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return rename(self, target)

    monkeypatch.setattr("pathlib.Path.rename", fail_at_second)
    with pytest.raises(InputError, match="cannot be written: Input/output error"):
        write_folder(path, "new")
    assert (path / "metadata.json").read_text() == "old"
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
@pytest.mark.parametrize("is_new", [True, False])
def test_the_files_of_a_mount_point_are_replaced(tmp_path, monkeypatch, number, is_new):
    path = tmp_path / "model"
    path.mkdir()
    if not is_new:
        fill(path, "old")
        (path / "extra").mkdir()
        (path / "model.onnx").chmod(0o600)
    inode = path.stat().st_ino
    monkeypatch.setattr("pathlib.Path.rename", fail_with(number))
    write_folder(path, "new")
    assert path.stat().st_ino == inode
    assert (path / "metadata.json").read_text() == "new"
    assert is_new or mode(path / "model.onnx") == 0o600
    assert sorted(os.listdir(path)) == ["metadata.json", "model.onnx"]
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_whose_parent_is_not_writable(tmp_path, monkeypatch, number):
    path = tmp_path / "model"
    path.mkdir()
    mkdir = type(path).mkdir

    def mkdir_only_below(self, *arguments, **options):
        if self.parent == tmp_path and self != path:
            raise OSError(number, os.strerror(number))
        return mkdir(self, *arguments, **options)

    monkeypatch.setattr("pathlib.Path.mkdir", mkdir_only_below)
    check_folder(path, markers=MARKERS)
    write_folder(path, "new")
    assert (path / "metadata.json").read_text() == "new"
    assert sorted(os.listdir(path)) == ["metadata.json", "model.onnx"]
    for write in (write_folder, check_folder):
        with pytest.raises(InputError, match=f"cannot be written: {os.strerror(number)}"):
            write(tmp_path / "absent")


def test_folders_are_created(tmp_path):
    (tmp_path / "link").symlink_to("store")
    for path in (tmp_path / "a" / "b", tmp_path / "link"):
        for _ in range(2):
            create_folder(path)
            assert stat.S_ISDIR(path.stat().st_mode)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file/x: cannot be written: Not a directory"):
        create_folder(tmp_path / "file" / "x")
