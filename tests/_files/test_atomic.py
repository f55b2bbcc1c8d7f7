from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest

from imagemood._files import atomic_file, check_file, write_file
from imagemood.errors import InputError


@contextmanager
def umask(mode):
    before = os.umask(mode)
    try:
        yield
    finally:
        os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def fail_with(number):
    def fail(*arguments, **options):
        raise OSError(number, os.strerror(number), str(arguments[0]))

    return fail


def test_file_appears_when_the_block_ends(tmp_path):
    path = tmp_path / "rows.csv"
    with atomic_file(path) as file:
        file.write(b"content")
        assert not path.exists()
        assert len(os.listdir(tmp_path)) == 1
    assert path.read_text() == "content"
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_path_may_be_text_and_hold_any_character(tmp_path):
    for name in ("a b, ü.csv.gz", "\udce9\n.csv"):
        write_file(str(tmp_path / name), b"\x00")
        assert (tmp_path / name).read_bytes() == b"\x00"


def test_text_is_utf8(tmp_path):
    write_file(tmp_path / "page.html", "größe")
    assert (tmp_path / "page.html").read_bytes() == "größe".encode()


@pytest.mark.parametrize("error_class", [RuntimeError, KeyboardInterrupt])
def test_failure_keeps_the_old_file_and_leaves_no_temporary_one(tmp_path, error_class):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    with pytest.raises(error_class), atomic_file(path) as file:
        file.write(b"half")
        raise error_class
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_failure_creates_no_file(tmp_path):
    with pytest.raises(RuntimeError), atomic_file(tmp_path / "rows.csv"):
        raise RuntimeError
    assert os.listdir(tmp_path) == []


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path):
    path = tmp_path / "rows.csv"
    with atomic_file(path) as first, atomic_file(path) as second:
        first.write(b"first")
        second.write(b"second")
    assert path.read_text() == "first"  # whose block ended last
    assert os.listdir(tmp_path) == ["rows.csv"]


@pytest.mark.parametrize("write", [lambda path: write_file(path, b"x"), check_file])
def test_file_that_cannot_be_written(tmp_path, write):
    (tmp_path / "loop").symlink_to("pool")
    (tmp_path / "pool").symlink_to("loop")
    (tmp_path / "file").write_text("old")
    for name, message in (
        ("no/x", "No such file or directory"),
        ("file/x", "Not a directory"),
        ("loop", "Too many levels of symbolic links"),
        ("x" * 300, "File name too long"),
        ("x\0y", "embedded null byte"),
    ):
        with pytest.raises(InputError) as caught:
            write(tmp_path / name)
        assert caught.value.what == f"cannot be written: {message}"
        assert caught.value.where == str(tmp_path / name)
    with pytest.raises(InputError, match="is a folder, not a file"):
        write(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["file", "loop", "pool"]
    assert (tmp_path / "file").read_text() == "old"


def test_missing_folders_are_created_on_request(tmp_path):
    (tmp_path / "link").symlink_to("store/deep")
    for path in (tmp_path / "a" / "b" / "x", tmp_path / "link" / "x"):
        for _ in range(2):
            write_file(path, b"x", parents=True)
            assert path.read_bytes() == b"x"
    with pytest.raises(InputError, match="x/y/z: cannot be written: Not a directory"):
        write_file(tmp_path / "a" / "b" / "x" / "y" / "z", b"x", parents=True)


def test_failure_leaves_no_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", fail_with(errno.ENOSPC))
    with pytest.raises(InputError, match="x: cannot be written: No space left on device"):
        write_file(tmp_path / "a" / "b" / "x", b"x", parents=True)
    assert os.listdir(tmp_path) == []


def test_the_check_leaves_no_trace(tmp_path):
    path = tmp_path / "rows.csv"
    check_file(path)
    assert os.listdir(tmp_path) == []
    path.write_text("old")
    before = path.stat()
    check_file(path)
    assert path.stat() == before
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_a_value_error_in_the_block_is_not_a_failed_write(tmp_path):
    with pytest.raises(ValueError, match="invalid score") as caught, atomic_file(tmp_path / "x"):
        raise ValueError("invalid score")
    assert type(caught.value) is ValueError


def test_a_new_file_has_the_mode_of_the_umask(tmp_path):
    for mask, expected in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        with umask(mask):
            write_file(tmp_path / f"{mask}.csv", b"x")
        assert mode(tmp_path / f"{mask}.csv") == expected


@pytest.mark.parametrize("old_mode", [0o600, 0o640, 0o666, 0o755, 0o1644])
def test_an_existing_file_keeps_its_mode(tmp_path, old_mode):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    path.chmod(old_mode)
    with atomic_file(path) as file:
        (temporary,) = set(os.listdir(tmp_path)) - {"rows.csv"}
        assert mode(tmp_path / temporary) == old_mode  # nobody else can read the content meanwhile
        file.write(b"new")
    assert path.read_text() == "new"
    assert mode(path) == old_mode


def test_an_existing_file_keeps_its_extended_attributes(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    try:
        os.setxattr(path, "user.origin", b"camera")
    except OSError:
        pytest.skip("the file system has no extended attributes")
    write_file(path, b"new")
    assert os.getxattr(path, "user.origin") == b"camera"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_existing_file_keeps_its_owner(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    os.chown(path, 1234, 4321)
    write_file(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


def test_if_the_owner_cannot_be_kept_programs_do_not_run_as_the_new_owner(tmp_path, monkeypatch):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    path.chmod(0o6755)
    monkeypatch.setattr(os, "chown", fail_with(errno.EPERM))
    write_file(path, b"new")
    assert mode(path) == 0o755


def test_other_hard_links_keep_the_old_content(tmp_path):
    (tmp_path / "a").write_text("old")
    os.link(tmp_path / "a", tmp_path / "b")
    write_file(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_text() == "new"
    assert (tmp_path / "b").read_text() == "old"


@pytest.mark.parametrize("name", ["x" * 255, "ü" * 127, "\U0001f600" * 63])
def test_the_temporary_name_is_not_too_long(tmp_path, name):
    write_file(tmp_path / name, b"x")
    assert os.listdir(tmp_path) == [name]


def links(tmp_path):
    """Create links to ``store/real.csv``, and return them."""
    (tmp_path / "store").mkdir()
    (tmp_path / "relative").symlink_to("store/real.csv")
    (tmp_path / "absolute").symlink_to(tmp_path / "store" / "real.csv")
    (tmp_path / "chain").symlink_to("relative")
    (tmp_path / "folder").symlink_to("store")
    (tmp_path / "store" / "up").symlink_to("../chain")
    names = ["relative", "absolute", "chain", "folder/real.csv", "folder/up"]
    return [tmp_path / name for name in names]


def test_the_target_of_a_link_is_replaced(tmp_path):
    for number, link in enumerate(links(tmp_path)):
        (tmp_path / "store" / "real.csv").write_text("old")
        (tmp_path / "store" / "real.csv").chmod(0o640)
        check_file(link)
        write_file(link, str(number))
        assert (tmp_path / "store" / "real.csv").read_text() == str(number)
        assert mode(tmp_path / "store" / "real.csv") == 0o640
        assert link.is_symlink() or link.name == "real.csv"
        assert sorted(os.listdir(tmp_path / "store")) == ["real.csv", "up"]


def test_the_target_of_a_dangling_link_is_created(tmp_path):
    for link in links(tmp_path):
        check_file(link)
        write_file(link, b"new")
        assert (tmp_path / "store" / "real.csv").read_text() == "new"
        (tmp_path / "store" / "real.csv").unlink()


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_file_in_a_folder_that_allows_no_new_files_is_overwritten(tmp_path, monkeypatch, number, caplog):
    path = tmp_path / "rows.csv"
    path.write_text("old content, which is longer")
    path.chmod(0o640)
    inode = path.stat().st_ino
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.open", fail_with(number))  # creates the temporary file
        check_file(path)
        write_file(path, b"new")
        with pytest.raises(InputError, match=f"cannot be written: {os.strerror(number)}"):
            write_file(tmp_path / "absent.csv", b"new")
    assert path.read_text() == "new"
    assert (path.stat().st_ino, mode(path)) == (inode, 0o640)
    (record,) = caplog.records
    assert record.getMessage() == f"{path}: overwritten in place, because it cannot be replaced by a new file"


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV, errno.EPERM])
def test_a_mount_point_is_overwritten(tmp_path, monkeypatch, number):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    monkeypatch.setattr("pathlib.Path.replace", fail_with(number))
    write_file(path, b"new content, which is longer")
    assert path.read_text() == "new content, which is longer"
    write_file(path, b"")
    assert path.read_text() == ""
    assert os.listdir(tmp_path) == ["rows.csv"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_file_that_is_overwritten_is_unchanged_if_there_is_too_little_space(tmp_path, monkeypatch, number):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    monkeypatch.setattr("pathlib.Path.replace", fail_with(errno.EBUSY))
    monkeypatch.setattr(os, "posix_fallocate", fail_with(number))
    with pytest.raises(InputError, match=f"cannot be written: {os.strerror(number)}"):
        write_file(path, b"new content")
    assert path.read_text() == "old"
    monkeypatch.setattr(os, "posix_fallocate", fail_with(errno.EOPNOTSUPP))  # some network file systems
    write_file(path, b"new content")
    assert path.read_text() == "new content"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("function", ["os.fsync", "pathlib.Path.replace"])
def test_a_failed_write_is_one_line_and_keeps_the_old_file(tmp_path, monkeypatch, number, function):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    monkeypatch.setattr(function, fail_with(number))
    with pytest.raises(InputError) as caught:
        write_file(path, b"new")
    assert str(caught.value) == f"{path}: cannot be written: {os.strerror(number)}"
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["rows.csv"]


def test_the_limit_on_the_size_of_files(tmp_path):
    """Python ignores the signal that the system sends for a file that is too large."""
    path = tmp_path / "rows.csv"
    path.write_text("old")
    code = (
        "import resource, sys; from imagemood._files import write_file\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))\n"
        "write_file(sys.argv[1], bytes(100_000))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert done.stderr.endswith(f"InputError: {path}: cannot be written: File too large\n"), done.stderr
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["rows.csv"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def as_nobody(code, *arguments):
    """Run Python code as a user without any rights, and return the last line of its messages."""
    preamble = (
        "import os, sys; from imagemood import _files\nos.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    )
    command = [sys.executable, "-c", preamble + code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stderr.splitlines() or [""])[-1]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_permissions(tmp_path):
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    locked = tmp_path / "locked"
    locked.mkdir()
    (locked / "mine.csv").write_text("old")
    (locked / "mine.csv").chmod(0o666)
    (locked / "theirs.csv").write_text("old")
    (locked / "theirs.csv").chmod(0o644)
    for function in ("_files.check_file(sys.argv[1])", "_files.write_file(sys.argv[1], b'new')"):
        for name in ("theirs.csv", "absent.csv"):
            message = f"{locked / name}: cannot be written: Permission denied"
            assert as_nobody(function, locked / name).endswith(message)
    assert (locked / "theirs.csv").read_text() == "old"
    assert "overwritten in place" in as_nobody("_files.write_file(sys.argv[1], b'new')", locked / "mine.csv")
    assert (locked / "mine.csv").read_text() == "new"
    # In a folder such as /tmp, only the owner of a file can replace it.
    locked.chmod(0o1777)
    assert "overwritten in place" in as_nobody("_files.write_file(sys.argv[1], b'newer')", locked / "mine.csv")
    assert (locked / "mine.csv").read_text() == "newer"
    assert sorted(os.listdir(locked)) == ["mine.csv", "theirs.csv"]


def test_a_deleted_working_folder(tmp_path):
    code = (
        "import os, sys; from imagemood import _files\n"
        "os.chdir(sys.argv[1]); os.rmdir(sys.argv[1]); getattr(_files, sys.argv[2])(*sys.argv[3:])"
    )
    for name, *arguments in (("check_file", "x"), ("write_file", "x", ""), ("check_folder", "x")):
        (tmp_path / "gone").mkdir()
        command = [sys.executable, "-c", code, tmp_path / "gone", name, *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.stderr.endswith("InputError: x: cannot be written: No such file or directory\n"), done.stderr
