"""The program ExifTool, which reads and writes the metadata of files; one process serves many requests."""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Self

from imagemood._text import valid_unicode
from imagemood.errors import InputError, MoodError
from imagemood.pictures import names

PROGRAM = "exiftool"
_MAX_REQUEST_S = 120
_MAX_EXIT_S = 5


class ExifTool:
    """A running ExifTool; use it as a context manager.

    Raises
    ------
    MoodError
        If the program is not installed or does not start.
    """

    def __init__(self) -> None:
        self._program = shutil.which(PROGRAM)
        if self._program is None:
            raise MoodError(
                f"the program {PROGRAM} is not installed",
                hint="install ExifTool, on Debian and Ubuntu with: apt install libimage-exiftool-perl",
            )
        self._process: subprocess.Popen[bytes] | None = None
        self._n_requests = 0

    def __enter__(self) -> Self:
        self._messages = tempfile.TemporaryFile()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        process = self._process
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.write(b"-stay_open\nFalse\n")
                process.stdin.close()
            try:
                process.wait(_MAX_EXIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._close_output(process)
        self._messages.close()

    def read(self, path: Path, tags: Sequence[str]) -> dict[str, Any]:
        """Return tags of a file by their names, such as ``XMP-dc:Subject``; numbers are text.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        options = [b"-j", b"-G1", *(f"-{tag}".encode() for tag in (*tags, "ExifTool:Error"))]
        with _readable(path) as readable:
            output, messages = self._run([*options, os.fsencode(readable)])
        try:
            (found,) = json.loads(output.decode(errors="replace"), parse_int=str, parse_float=str)
        except ValueError:
            raise _error(path, messages) from None
        if "ExifTool:Error" in found:
            raise _error(path, f"Error: {found['ExifTool:Error']}")
        return dict(found)

    def write(self, path: Path, assignments: Sequence[str]) -> None:
        """Change tags of a file, which may be a new XMP file, with assignments such as ``XMP-dc:Subject+=awe``.

        The path must be one that ExifTool writes without changes, such as that of a temporary file.

        Raises
        ------
        InputError
            If the file cannot be changed; it is then unchanged.
        """
        options = [b"-E", b"-overwrite_original", *(_escaped(assignment) for assignment in assignments)]
        output, messages = self._run([*options, os.fsencode(path.absolute())])
        if b"1 image files updated" not in output and b"1 image files created" not in output:
            raise _error(path, messages)

    def _run(self, arguments: Sequence[bytes]) -> tuple[bytes, str]:
        """Return what the program prints on standard output and standard error."""
        process = self._running()
        self._n_requests += 1
        end = b"{ready%d}" % self._n_requests
        start = os.fstat(self._messages.fileno()).st_size
        timer = Timer(_MAX_REQUEST_S, process.kill)
        timer.daemon = True
        timer.start()
        output = b""
        try:
            assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 (for mypy)
            process.stdin.write(b"\n".join([*arguments, b"-execute%d\n" % self._n_requests]))
            process.stdin.flush()
            while line := process.stdout.readline():
                if line.rstrip().endswith(end):
                    break
                output += line
            else:
                raise BrokenPipeError
        except BrokenPipeError:
            process.kill()
            process.wait()
            self._close_output(process)
            self._process = None
            return b"", "Error: ExifTool ended or took too long"
        finally:
            timer.cancel()
        self._messages.seek(start)
        return output, self._messages.read().decode(errors="replace")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            with as_file(files("imagemood.keywords") / "exiftool.config") as config:
                command = [str(self._program), "-config", str(config), "-stay_open", "True", "-@", "-"]
                if os.name == "nt":
                    command += ["-common_args", "-charset", "filename=utf8"]
                try:
                    self._process = subprocess.Popen(  # noqa: S603 (the program, with fixed options)
                        command,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=self._messages,
                        env={**os.environ, "LC_ALL": "C"},  # otherwise, Perl warns of missing locales
                        start_new_session=True,  # an interrupt must not end it while it writes
                    )
                except OSError as error:
                    raise MoodError(f"cannot be started: {error.strerror}", where=str(self._program)) from error
                self._run([b"-ver"])  # the configuration has been read when the program answers
        return self._process

    @staticmethod
    def _close_output(process: subprocess.Popen[bytes]) -> None:
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


@contextmanager
def _readable(path: Path) -> Iterator[Path]:
    """Yield a path of a file that fits on a line, and that cannot be read as an option."""
    absolute = path.absolute()
    if not any(character in str(absolute) for character in "\r\n"):
        yield absolute
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder, "file")
        link.symlink_to(absolute)
        yield link


def _escaped(assignment: str) -> bytes:
    """Return the line of an assignment, in which the program leaves no character out."""
    tag, operator, value = assignment.partition("=")
    text = html.escape(valid_unicode(value), quote=False)
    if text[:1].isspace():
        text = f"&#x{ord(text[0]):x};{text[1:]}"
    return f"-{tag}{operator}{text}".replace("\n", "&#xa;").replace("\r", "&#xd;").encode()


def _error(path: Path, messages: str) -> InputError:
    """Return the error that the program has printed, without the name of the file."""
    lines = [line for line in messages.splitlines() if line.startswith("Error")] or messages.splitlines() or [""]
    what = lines[0].removeprefix("Error: ").rpartition(" - ")[0] or lines[0].removeprefix("Error: ")
    return InputError(f"ExifTool cannot process the file: {what or 'no reason given'}", where=names.escape(path))
