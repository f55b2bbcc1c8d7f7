from __future__ import annotations

from imagemood._tracebacks import without_traceback


def test_the_frames_of_an_error_and_of_its_cause_are_forgotten():
    try:
        try:
            int("a")
        except ValueError as cause:
            raise LookupError("no number") from cause
    except LookupError as caught:
        error = caught
    assert error.__traceback__ is not None
    assert without_traceback(error) is error
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)
    assert str(error) == "no number"
