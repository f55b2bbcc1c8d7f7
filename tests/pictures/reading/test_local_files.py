from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from imagemood.errors import InputError
from imagemood.pictures.reading import limits, local_files


@pytest.fixture
def pipe(tmp_path) -> Path:
    os.mkfifo(tmp_path / "pipe.jpg")
    return tmp_path / "pipe.jpg"


@pytest.fixture
def socket_file(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)  # the paths of sockets are short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.jpg")
        yield tmp_path / "s.jpg"


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_000])
@pytest.mark.parametrize("allow_special", [True, False])
def test_files_of_any_size(tmp_path, size, allow_special):
    content = os.urandom(size)
    (tmp_path / "a.jpg").write_bytes(content)
    assert local_files.read(str(tmp_path / "a.jpg"), allow_special=allow_special) == content


@pytest.mark.skipif(sys.platform != "linux", reason="Linux has files of unknown size in /proc")
def test_files_whose_size_is_reported_as_zero():
    assert Path("/proc/self/maps").stat().st_size == 0
    assert b"python" in local_files.read("/proc/self/maps", allow_special=False)


@pytest.mark.parametrize("allow_special", [True, False])
def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch, allow_special):
    path = tmp_path / "sparse.jpg"
    with path.open("wb") as file:
        file.truncate(20 * 2**30)
    monkeypatch.setattr(os, "read", None)
    with pytest.raises(InputError, match=r"^.*/sparse\.jpg: too large: more than 200,000,000 bytes$"):
        local_files.read(str(path), allow_special=allow_special)


def test_the_limit_itself_is_allowed(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 100_000)
    (tmp_path / "a.jpg").write_bytes(b"a" * 100_000)
    (tmp_path / "b.jpg").write_bytes(b"b" * 100_001)
    assert len(local_files.read(str(tmp_path / "a.jpg"))) == 100_000
    with pytest.raises(InputError, match="too large"):
        local_files.read(str(tmp_path / "b.jpg"))


def test_a_file_that_grows_while_it_is_read_has_the_same_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 1_000_000)
    path = tmp_path / "growing.jpg"
    path.write_bytes(b"start")
    real = os.read
    n_bytes = 0

    def read(descriptor, n):
        nonlocal n_bytes
        with path.open("ab") as file:
            file.write(bytes(n))
        chunk = real(descriptor, n)
        n_bytes += len(chunk)
        return chunk

    monkeypatch.setattr(os, "read", read)
    with pytest.raises(InputError, match=r"growing\.jpg: too large"):
        local_files.read(str(path))
    assert n_bytes < 1_200_000


def test_an_endless_device_ends_at_the_limit(monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 1_000_000)
    with pytest.raises(InputError, match=r"^/dev/zero: too large: more than 1,000,000 bytes$"):
        local_files.read("/dev/zero")
    with pytest.raises(InputError, match=r"^/dev/zero: a character device, not a file$"):
        local_files.read("/dev/zero", allow_special=False)


def test_a_named_pipe_is_read_if_it_is_allowed(pipe):
    content = os.urandom(200_000)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    assert local_files.read(str(pipe)) == content
    writer.join()


def test_special_files_are_not_opened_if_they_are_not_allowed(pipe, socket_file, monkeypatch):
    monkeypatch.setattr(os, "open", None)
    for path, kind in ((pipe, "named pipe"), (socket_file, "socket"), ("/dev/null", "character device")):
        with pytest.raises(InputError, match=rf"^{path}: a {kind}, not a file$"):
            local_files.read(str(path), allow_special=False)
        assert local_files.is_special(str(path))


def test_a_file_that_a_pipe_replaces_before_it_is_opened_is_not_waited_for(pipe, tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(b"picture")
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda _: real(tmp_path / "a.jpg"))
    with pytest.raises(InputError, match=r"pipe\.jpg: a named pipe, not a file"):
        local_files.read(str(pipe), allow_special=False)


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "gone.jpg").symlink_to("nowhere")
    (tmp_path / "file").touch()
    for name, message in {
        "absent.jpg": "No such file or directory",
        "gone.jpg": "broken symbolic link",
        "loop.jpg": "Too many levels of symbolic links",
        "file/a.jpg": "Not a directory",
        ".": "Is a directory",
        "x" * 300: "File name too long",
        "/".join(["x" * 100] * 50): "File name too long",
        "a\0.jpg": "embedded null byte",
    }.items():
        for allow_special in (True, False):
            with pytest.raises(InputError, match=message):
                local_files.read(f"{tmp_path}/{name}", allow_special=allow_special)
        assert not local_files.is_special(f"{tmp_path}/{name}")


@pytest.mark.parametrize(
    ("error", "message"),
    [(OSError(116, "Stale file handle"), "Stale file handle"), (MemoryError(), "not enough memory")],
)
def test_a_file_that_fails_while_it_is_read(tmp_path, monkeypatch, error, message):
    (tmp_path / "a.jpg").write_bytes(b"picture")

    def read(descriptor, n):
        raise error

    monkeypatch.setattr(os, "read", read)
    n_open = len(os.listdir("/proc/self/fd"))
    with pytest.raises(InputError, match=rf"a\.jpg: {message}"):
        local_files.read(str(tmp_path / "a.jpg"))
    assert len(os.listdir("/proc/self/fd")) == n_open
