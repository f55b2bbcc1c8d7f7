from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import ModelDirectoryError, ModelError
from imagemood.models import model_files
from imagemood.models.model_files import is_safe_name, read_file


@pytest.mark.parametrize("name", ["model.onnx", "README.md", "größe.txt", ".hidden", "a b", "a..b"])
def test_safe_names(name):
    assert is_safe_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "C:", "a:b", "a\0", "a\n", "a.", "a ", "ü" * 128, "\ud800", "a?"]
)
def test_unsafe_names(name):
    assert not is_safe_name(name)


@given(st.text())
def test_a_safe_name_stays_in_its_folder(name):
    if is_safe_name(name):
        assert Path("folder", name).name == name
        assert os.path.normpath(Path("folder", name)) == str(Path("folder", name))


def test_a_file_up_to_the_limit(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_file(path, max_bytes=5, folder=tmp_path) == b"12345"
    with pytest.raises(ModelError, match="file: too large: more than 4 bytes"):
        read_file(path, max_bytes=4)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("absent", r"cannot be read: No such file or directory \(look for it\)"),
        ("file/below", "cannot be read: Not a directory"),
        ("x" * 300, "cannot be read: File name too long"),
        ("a\0b", "cannot be read: .*null"),
        (".", "cannot be read: Is a directory"),
        ("pipe", "is a named pipe, not a regular file"),
        ("device", "is a character device, not a regular file"),
        ("loop", "cannot be read: Too many levels of symbolic links"),
    ],
)
def test_what_is_not_a_file(tmp_path, path, message):
    (tmp_path / "file").touch()
    (tmp_path / "device").symlink_to(os.devnull)
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelDirectoryError, match=message):
        read_file(tmp_path / path, max_bytes=9, hint="look for it", error_class=ModelDirectoryError)


def test_a_link_must_not_lead_out_of_the_folder(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "outside").write_bytes(b"secret")
    (tmp_path / "folder" / "inside").write_bytes(b"text")
    (tmp_path / "folder" / "link").symlink_to("inside")
    (tmp_path / "folder" / "out").symlink_to("../outside")
    (tmp_path / "link").symlink_to("folder")
    for folder in (tmp_path / "folder", tmp_path / "link"):
        assert read_file(folder / "link", max_bytes=9, folder=folder) == b"text"
        with pytest.raises(ModelError, match=r"is a symbolic link to a file outside the directory \(copy"):
            read_file(folder / "out", max_bytes=9, folder=folder)
    assert read_file(tmp_path / "folder" / "out", max_bytes=9) == b"secret"


def test_a_file_that_grows_while_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    status = os.stat_result((*path.stat()[:6], 2, *path.stat()[7:]))
    monkeypatch.setattr(model_files.os, "fstat", lambda _: status)
    with pytest.raises(ModelError, match="was changed while it was read"):
        read_file(path, max_bytes=9)
