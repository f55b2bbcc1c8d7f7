from __future__ import annotations

import io
import os
import socket
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from imagemood._files import check_file, is_stream, write_file
from imagemood._files.streams import check_standard_output, write_standard_output
from imagemood.errors import InputError

CONTENT = bytes(range(256)) * 1000  # more than fits into a pipe


@pytest.fixture
def pipe(tmp_path):
    """A named pipe whose reader appends what it reads to a list."""
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    thread = threading.Thread(target=lambda: read.append(path.read_bytes()), daemon=True)
    thread.start()
    yield path, read, thread
    thread.join(60)


def test_a_named_pipe_is_written_to(pipe, tmp_path):
    path, read, reader = pipe
    (tmp_path / "link").symlink_to(path)
    check_file(path)
    write_file(tmp_path / "link", CONTENT)
    reader.join(60)
    assert read == [CONTENT]
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert (tmp_path / "link").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["link", "pipe"]


def test_the_check_does_not_open_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    check_file(tmp_path / "pipe")  # would wait for a reader


@contextmanager
def written_to(source, sink):
    """Yield a list that holds the content written to the descriptor `sink` when the block has ended."""
    read = []

    def read_all():
        with os.fdopen(source, "rb") as file:
            read.append(file.read())

    thread = threading.Thread(target=read_all)
    thread.start()
    yield read
    os.close(sink)
    thread.join()


@pytest.mark.parametrize("folder", ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"])
def test_an_open_descriptor_is_written_to(folder):
    for make in (os.pipe, lambda: [end.detach() for end in socket.socketpair()]):
        source, sink = make()
        with written_to(source, sink) as read:
            check_file(f"{folder}/{sink}")
            write_file(f"{folder}/{sink}", CONTENT)
        assert read == [CONTENT]


def test_a_descriptor_of_a_file_is_written_at_its_position(tmp_path):
    """As in a shell that has redirected the output of several commands to one file."""
    path = tmp_path / "all.txt"
    with path.open("wb") as file:
        os.write(file.fileno(), b"first\n")
        (tmp_path / "link").symlink_to(f"/dev/fd/{file.fileno()}")
        write_file(f"/dev/fd/{file.fileno()}", b"second\n")
        write_file(tmp_path / "link", b"third\n")
        os.write(file.fileno(), b"fourth\n")
    assert path.read_text() == "first\nsecond\nthird\nfourth\n"
    assert sorted(os.listdir(tmp_path)) == ["all.txt", "link"]


def test_a_descriptor_that_does_not_block():
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    with written_to(source, sink) as read:
        write_file(f"/dev/fd/{sink}", CONTENT)
    assert read == [CONTENT]


@pytest.mark.parametrize("write", [lambda path: write_file(path, b"x"), check_file])
def test_descriptors_that_cannot_be_written(tmp_path, write):
    with (tmp_path / "file").open("wb+") as file:
        number = file.fileno()
        read_only = os.open(tmp_path / "file", os.O_RDONLY)
        with pytest.raises(InputError, match=f"/dev/fd/{read_only}: cannot be written: Bad file descriptor"):
            write(f"/dev/fd/{read_only}")
        os.close(read_only)
    with pytest.raises(InputError, match=f"/dev/fd/{number}: cannot be written: Bad file descriptor"):
        write(f"/dev/fd/{number}")


def test_a_descriptor_of_another_process_is_not_replaced(tmp_path):
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-c", "print('started', flush=True); input()"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log) as process:
            path = f"/proc/{process.pid}/fd/1"
            assert is_stream(path)
            inode = (tmp_path / "log").stat().st_ino
            while (tmp_path / "log").read_bytes() != b"started\n":  # in two parts if it has no buffer
                pass
            write_file(path, b"rows\n")
            process.communicate(b"\n")
    assert (tmp_path / "log").read_text() == "started\nrows\n"
    assert (tmp_path / "log").stat().st_ino == inode


def test_devices():
    check_file("/dev/null")
    write_file("/dev/null", CONTENT)
    assert Path("/dev/null").is_char_device()
    with pytest.raises(InputError, match="/dev/full: cannot be written: No space left on device"):
        write_file("/dev/full", b"x")
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("write", [lambda path: write_file(path, b"x"), check_file])
def test_sockets(tmp_path, write):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(InputError, match="cannot be written: is a socket, not a file"):
            write(tmp_path / "socket")
    assert stat.S_ISSOCK((tmp_path / "socket").stat().st_mode)


def test_disks_are_refused(monkeypatch):
    status = SimpleNamespace(st_mode=stat.S_IFBLK | 0o660)
    monkeypatch.setattr("imagemood._files.streams.os.stat", lambda _: status)
    with pytest.raises(InputError, match="cannot be written: is a disk, not a file"):
        write_file("/dev/disk", b"x")


def test_a_reader_that_has_ended_is_an_error():
    source, sink = os.pipe()
    os.close(source)
    with pytest.raises(InputError, match=f"/dev/fd/{sink}: cannot be written: Broken pipe"):
        write_file(f"/dev/fd/{sink}", CONTENT)
    os.close(sink)


def test_what_is_a_stream(tmp_path):
    (tmp_path / "1").touch()
    (tmp_path / "link").symlink_to("1")
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path, tmp_path / "1", tmp_path / "link", tmp_path / "loop", tmp_path / "absent", "", "x\0"):
        assert not is_stream(path)
    for path in ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/fd/1", "/dev/fd/12345"):
        assert is_stream(path)


def run_shell(command, *, cwd):
    """Run a shell command in which ``$PYTHON`` runs Python code."""
    environment = {**os.environ, "PYTHON": sys.executable}
    return subprocess.run(["bash", "-c", command], cwd=cwd, env=environment, capture_output=True, text=True)


WRITE = '"$PYTHON" -c "import sys; from imagemood._files import write_file; write_file(sys.argv[1], b\'rows;\')"'


@pytest.mark.parametrize(
    ("command", "content"),
    [
        ("{ echo -n 'a;'; WRITE /dev/stdout; echo -n 'b;'; } > out", "a;rows;b;"),
        ("echo -n 'a;' > out; WRITE /dev/stdout >> out", "a;rows;"),
        ("WRITE /dev/stderr 2> out", "rows;"),
        ("WRITE /dev/stdout | cat > out", "rows;"),
        ("WRITE >(cat > out); while [ ! -s out ]; do :; done", "rows;"),
        ("WRITE /dev/fd/7 7> out", "rows;"),
        ("WRITE /proc/self/fd/1 > out", "rows;"),
    ],
)
def test_redirections_of_a_shell(tmp_path, command, content):
    done = run_shell(command.replace("WRITE", WRITE), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out").read_text() == content
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize(
    ("redirection", "message"),
    [
        ("> /dev/full", "cannot be written: No space left on device"),
        (">&-", "is closed"),
        ("1< /dev/null", "is closed"),
    ],
)
def test_standard_output_that_cannot_be_written(tmp_path, redirection, message):
    code = "from imagemood._files.streams import write_standard_output; write_standard_output(b'rows')"
    done = run_shell(f'"$PYTHON" -c "{code}" {redirection}', cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith(f"InputError: standard output: {message}\n"), done.stderr


def test_standard_output(capfdbinary):
    check_standard_output()
    sys.stdout.write("before;")
    write_standard_output(b"rows")
    assert capfdbinary.readouterr().out == b"before;rows"


def test_a_hyphen_is_standard_output(capfdbinary, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_file("-")
    write_file(Path("-"), "page é")
    assert capfdbinary.readouterr().out == "page é".encode()
    assert os.listdir(tmp_path) == []


def test_standard_output_in_memory(monkeypatch):
    sink = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=sink))
    check_standard_output()
    write_standard_output(b"rows")
    assert sink.getvalue() == b"rows"
    monkeypatch.setattr(sys, "stdout", None)
    for function in (check_standard_output, lambda: write_standard_output(b"rows")):
        with pytest.raises(InputError, match="standard output: is closed"):
            function()
