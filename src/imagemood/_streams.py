"""Standard streams that are closed, full, non-blocking, limited to few characters, or pipes that nobody reads."""

from __future__ import annotations

import codecs
import errno
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from imagemood._text import escape_bytes, printable, without_passwords
from imagemood.errors import InputError, MoodError, first_line

BROKEN_PIPE = 141
"""Exit code of a process whose output is a pipe that nobody reads: 128 and the number of the signal SIGPIPE."""
_ESCAPES = "imagemood.escapes"  # the name of an error handler of Python's codecs
_MAX_MESSAGE = 8000  # characters
_WRITE_ERRORS = (errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC)
_exhausted_stdin: IO[str] | None = None
"""Standard input, if it has been read up to its end and was not empty."""
_CLOSED = (("stdin", os.O_WRONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w"))


def prepare() -> None:
    """Open the standard streams that are closed, and allow any text on the others, once when a command starts.

    Otherwise, the next file that is opened would become a standard stream. Reading from closed standard input and
    writing to closed standard output remain errors; messages to closed standard error are lost.
    """
    for name, flags, mode in _CLOSED:
        if getattr(sys, name) is None:
            number = os.open(os.devnull, flags)  # the lowest free number, which is that of the stream
            os.set_inheritable(number, True)
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
    codecs.register_error(_ESCAPES, _escape)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_ESCAPES)


def read_standard_input(max_bytes: int = -1, *, name: str = "standard input") -> bytes:
    """Read standard input up to its end, or up to `max_bytes`.

    `InputError` is raised if that fails, or if everything has been read before, for another argument of a command.
    """
    global _exhausted_stdin  # noqa: PLW0603
    if sys.stdin is None:
        raise InputError("is closed", where=name)
    parts: list[bytes] = []
    n_remaining = max_bytes
    try:
        while n_remaining:
            part = sys.stdin.buffer.read(n_remaining)
            if part is None:  # a non-blocking stream that has no data yet
                select.select([sys.stdin], [], [])
            elif not part:
                break
            else:
                parts.append(part)
                n_remaining -= len(part) if max_bytes >= 0 else 0
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {first_line(error)}", where=name) from error
    content = b"".join(parts)
    if not content and sys.stdin is _exhausted_stdin:
        raise InputError("has been read already", where=name, hint="give - only once")
    if content and n_remaining:
        _exhausted_stdin = sys.stdin
    return content


def print_message(text: str) -> None:
    """Print one line to standard error, without the passwords of URLs; if that fails, the message is lost."""
    text = printable(without_passwords(text))
    if len(text) > _MAX_MESSAGE:  # such as an argument of 100,000 characters; the end has the reason
        text = f"{text[: _MAX_MESSAGE // 2]} … {text[-_MAX_MESSAGE // 2 :]}"
    try:
        print(text, file=sys.stderr, flush=True)  # noqa: T201 (a progress bar redirects print)
    except (OSError, ValueError):
        discard(sys.stderr)


def encode_for_output(text: str) -> bytes:
    """Encode text for people as standard output requires, with replacements for characters that it lacks."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    codecs.register_error(_ESCAPES, _escape)
    return text.encode(encoding, _ESCAPES)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join("#" if character == "█" else escape_bytes(character) for character in text), error.end


@contextmanager
def reported_errors() -> Iterator[None]:
    """Convert errors of the operating system to an `InputError`; after a broken pipe, end the process quietly."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # raised by Rich
            sys.exit(BROKEN_PIPE)
        raise
    except BrokenPipeError:
        discard(sys.stdout)
        sys.exit(BROKEN_PIPE)
    except MoodError:
        raise
    except OSError as error:
        if isinstance(error.filename, str | bytes) and error.filename:
            raise InputError(first_line(error), where=os.fsdecode(error.filename)) from error
        if isinstance(error, FileNotFoundError) and not _has_working_folder():
            raise InputError("the working folder does not exist any more", hint="change to another one") from error
        if error.errno in _WRITE_ERRORS:
            discard(sys.stdout)
            raise InputError(first_line(error), where="standard output") from error
        raise InputError(first_line(error)) from error


def _has_working_folder() -> bool:
    try:
        os.getcwd()  # noqa: PTH109 (a path is not needed)
    except FileNotFoundError:
        return False
    return True


def discard(stream: IO[Any]) -> None:
    """Discard the buffer of a stream; otherwise, Python would report its error again when the process ends."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
