"""Standard streams that are closed, full, non-blocking, limited to few characters, or broken pipes."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from imagemood import _streams
from imagemood.errors import InputError

CLOSED = """
import os, sys
from imagemood import _streams
from imagemood.errors import InputError
_streams.prepare()
with open(sys.argv[1], "w") as report:
    assert report.fileno() > 2
    try:
        _streams.read_standard_input()
    except InputError as error:
        print(error, file=report)
    try:
        with _streams.reported_errors():
            print("lost")
    except InputError as error:
        print(error, file=report)
    _streams.print_message("lost")
    children = [os.get_inheritable(number) for number in (0, 1, 2)]
    print(children, file=report)
"""


def test_closed_streams_are_not_reused_and_give_errors(tmp_path):
    command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", CLOSED, str(tmp_path / "report")]
    assert subprocess.run(command).returncode == 0
    assert (tmp_path / "report").read_text().splitlines() == [
        "standard input: cannot be read: Bad file descriptor",
        "standard output: Bad file descriptor",
        "[True, True, True]",
    ]


def test_text_that_the_encoding_lacks_is_printed_with_escapes(monkeypatch):
    streams = {name: io.TextIOWrapper(io.BytesIO(), encoding="ascii") for name in ("stdout", "stderr")}
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    _streams.prepare()
    for stream in streams.values():
        print("größe", file=stream, flush=True)
        assert stream.buffer.getvalue() == rb"gr\xc3\xb6\xc3\x9fe" + b"\n"


@pytest.fixture
def pipe(monkeypatch):
    """Both ends of a pipe whose non-blocking reading end is standard input."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with open(reading) as stream, open(writing, "wb") as end:  # noqa: PTH123 (numbers, not paths)
        monkeypatch.setattr(sys, "stdin", stream)
        yield end


@pytest.mark.parametrize(("max_bytes", "n_expected"), [(-1, 300_000), (1000, 1000), (500_000, 300_000), (0, 0)])
def test_non_blocking_input_is_read_to_its_end(pipe, max_bytes, n_expected):
    def write():
        for _ in range(3):
            pipe.write(b"x" * 100_000)
            pipe.flush()
        pipe.close()

    writer = threading.Thread(target=write)
    writer.start()
    content = _streams.read_standard_input(max_bytes)
    with suppress(InputError):
        _streams.read_standard_input()  # the rest, for which the writer waits
    writer.join()
    assert content == b"x" * n_expected


def test_input_is_read_only_once(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"content")))
    assert _streams.read_standard_input(4) == b"cont"
    assert _streams.read_standard_input() == b"ent"
    for _ in range(2):
        with pytest.raises(InputError, match=r"^-: has been read already \(give - only once\)$"):
            _streams.read_standard_input(name="-")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    for _ in range(2):
        assert _streams.read_standard_input() == b""


def test_input_that_is_a_folder(monkeypatch, tmp_path):
    number = os.open(tmp_path, os.O_RDONLY)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Numbered(number))))
    with pytest.raises(InputError, match=r"^-: cannot be read: Is a directory$"):
        _streams.read_standard_input(name="-")
    os.close(number)


class Numbered(io.RawIOBase):
    """A stream over a descriptor of any kind of file."""

    def __init__(self, number):
        self.number = number

    def readable(self):
        return True

    def writable(self):
        return True

    def readinto(self, buffer):
        return os.readv(self.number, [buffer])

    def write(self, content):
        return os.write(self.number, content)


def test_a_missing_stream():
    code = "import sys; sys.stdin = None; from imagemood import _streams; _streams.read_standard_input()"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert completed.stderr.splitlines()[-1] == b"imagemood.errors.InputError: standard input: is closed"


def test_messages_that_cannot_be_written_are_lost():
    code = "from imagemood._streams import print_message as p; p('lost'); p('lost'); print('done')"
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        completed = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=full)
    assert (completed.returncode, completed.stdout) == (0, b"done\n")


def test_messages_take_one_line(capsys):
    _streams.print_message("a\nb\x1b[31m\udce9")
    assert capsys.readouterr().err == r"a\x0ab\x1b[31m\xe9" + "\n"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "größe ██".encode()),
        ("latin-1", "größe ##".encode("latin-1")),
        ("cp1252", "größe ##".encode("cp1252")),
        ("cp437", "größe ██".encode("cp437")),
        ("ascii", rb"gr\xc3\xb6\xc3\x9fe ##"),
        (None, "größe ██".encode()),
    ],
)
def test_text_for_people_has_the_encoding_of_standard_output(monkeypatch, encoding, expected):
    stream = io.StringIO() if encoding is None else io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert _streams.encode_for_output("größe ██") == expected


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "standard output: No space left on device"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a\nb"), r"a\x0ab: No such file"),
        (PermissionError(errno.EACCES, "Permission denied", b"caf\xe9"), r"caf\xe9: Permission denied"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "Cannot allocate memory"),
        (InputError("is a folder", where="x"), "x: is a folder"),
    ],
)
def test_errors_of_the_operating_system_become_one_line(error, message, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with pytest.raises(InputError) as caught, _streams.reported_errors():
        raise error
    assert str(caught.value) == message


def test_a_working_folder_that_was_removed_is_named(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with (
        pytest.raises(InputError, match="^the working folder does not exist any more"),
        _streams.reported_errors(),
    ):
        Path.cwd()
    with pytest.raises(InputError, match=r"^a\.jpg: No such file or directory$"), _streams.reported_errors():
        Path("a.jpg").stat()


def test_other_errors_and_exits_pass():
    for error in (SystemExit(3), KeyError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, _streams.reported_errors():
            raise error
        assert caught.value is error


def test_a_broken_pipe_ends_the_process_quietly(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    for raised in (BrokenPipeError(), SystemExit(1)):
        with pytest.raises(SystemExit) as caught, _streams.reported_errors():
            if isinstance(raised, BrokenPipeError):
                raise raised
            try:
                raise BrokenPipeError
            except BrokenPipeError:
                raise raised  # noqa: B904 (as Rich does)
        assert caught.value.code == 141
