from __future__ import annotations

import pickle

import pytest

from imagemood import errors


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.MoodError("bad"), "bad"),
        (errors.ImageError("is empty", where="a.jpg"), "a.jpg: is empty"),
        (errors.InputError("is a folder", where="x", hint="give a file"), "x: is a folder (give a file)"),
        (
            errors.TagFileError("is missing", file="t.csv", row=3, field="score"),
            "t.csv, row 3, field 'score': is missing",
        ),
        (errors.InputError("two\nlines"), "two lines"),
    ],
)
def test_message_is_one_line(error, text):
    assert str(error) == text


@pytest.mark.parametrize(
    ("kind", "parents"),
    [
        (errors.ImageError, (errors.InputError, ValueError)),
        (errors.TagFileError, (errors.InputError, ValueError)),
        (errors.VocabularyError, (errors.InputError, ValueError)),
        (errors.BundleError, (errors.ModelError,)),
        (errors.IncompatibleModelError, (errors.ModelError,)),
        (errors.MissingExtraError, (ImportError,)),
        (errors.RemoteError, (errors.MoodError,)),
        (errors.UnavailableError, (errors.RemoteError,)),
    ],
)
def test_hierarchy(kind, parents):
    assert issubclass(kind, (errors.MoodError,))
    for parent in parents:
        assert issubclass(kind, parent)


@pytest.mark.parametrize(
    "error",
    [
        errors.TagFileError("is missing", file="t.csv", row=3, field="score", hint="add it"),
        errors.MissingExtraError("scikit-image", extra="samples"),
        errors.ImageError("is empty", where="a.jpg"),
    ],
)
def test_survives_the_way_between_processes(error):
    # multiprocessing moves exceptions this way; the package itself never loads a pickle.
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__
