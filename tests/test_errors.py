from __future__ import annotations

import errno
import inspect
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import errors

TEXT = st.none() | st.text(max_size=30)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.MoodError("unknown mood"), "unknown mood"),
        (errors.ImageError("empty file", where="a.jpg"), "a.jpg: empty file"),
        (errors.MoodError("no network", hint="retry later"), "no network (retry later)"),
        (errors.InputError("is a folder", where="x", hint="name a file"), "x: is a folder (name a file)"),
        (errors.TableError("no rows", file="t.csv"), "t.csv: no rows"),
        (errors.TableError("too few fields", file="t.csv", row=3), "t.csv, row 3: too few fields"),
        (
            errors.TableError("missing", file="t.csv", row=3, field="score", hint="add it"),
            "t.csv, row 3, field 'score': missing (add it)",
        ),
        (errors.InputError("two\nlines"), "two lines"),
        (errors.InputError("tabs\tand\r\nCRLF", where="a  b"), "a  b: tabs and CRLF"),
        (errors.InputError("is a folder", where="a\n\x1b[31m\udce9"), r"a\x0a\x1b[31m\xe9: is a folder"),
        (errors.InputError("unknown mood '\u202e'"), r"unknown mood '\xe2\x80\xae'"),
    ],
)
def test_message_is_one_line(error, text):
    assert str(error) == text


@given(what=st.text(max_size=30), where=TEXT, hint=TEXT)
def test_no_message_has_a_line_break(what, where, hint):
    assert len(str(errors.MoodError(what, where=where, hint=hint)).splitlines()) <= 1


@pytest.mark.parametrize(
    ("error_class", "parents"),
    [
        (errors.InputError, (ValueError,)),
        (errors.ImageError, (errors.InputError, ValueError)),
        (errors.TableError, (errors.InputError, ValueError)),
        (errors.VocabularyError, (errors.InputError, ValueError)),
        (errors.ModelDirectoryError, (errors.ModelError,)),
        (errors.IncompatibleModelError, (errors.ModelError,)),
        (errors.OutOfMemoryError, (errors.ModelError, MemoryError)),
        (errors.MissingExtraError, (ImportError,)),
        (errors.RemoteError, (errors.MoodError,)),
        (errors.UnavailableError, (errors.RemoteError,)),
        (errors.OverloadedError, (errors.MoodError,)),
    ],
)
def test_hierarchy(error_class, parents):
    assert issubclass(error_class, errors.MoodError)
    for parent in parents:
        assert issubclass(error_class, parent)


def test_every_class_of_the_module_is_a_mood_error():
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c.__module__ == errors.__name__]
    assert len(classes) > 10
    assert all(issubclass(error_class, errors.MoodError) for error_class in classes)


@pytest.mark.parametrize(
    "error",
    [
        errors.TableError("missing", file="t.csv", row=3, field="score", hint="add it"),
        errors.MissingExtraError("scikit-image", extra="visual"),
        errors.ImageError("empty file", where="a.jpg"),
    ],
)
def test_error_survives_pickling_between_processes(error):
    # multiprocessing passes exceptions as pickles; the package itself never loads one.
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.args == error.args
    assert copy.__dict__ == error.__dict__


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one\ntwo"), "one"),
        (ValueError("\n\n  indented\r\nsecond"), "indented"),
        (ValueError(""), "ValueError"),
        (ValueError(" \n "), "ValueError"),
        (OSError(errno.ENOENT, "No such file or directory", "a.jpg"), "No such file or directory"),
        (OSError("broken data stream"), "broken data stream"),
        (KeyError("name"), "'name'"),
    ],
)
def test_first_line(error, line):
    assert errors.first_line(error) == line


@given(st.text())
def test_first_line_is_one_line_that_is_not_empty(message):
    line = errors.first_line(RuntimeError(message))
    assert line
    assert line.splitlines() == [line]
    assert line in message or line == "RuntimeError"


def test_message_has_the_hint_but_not_the_place():
    error = errors.ImageError("empty\nfile", where="a.jpg", hint="choose another file")
    assert error.message == "empty file (choose another file)"
    assert str(error) == "a.jpg: empty file (choose another file)"
    assert errors.ImageError("empty file", where="a.jpg").message == "empty file"
