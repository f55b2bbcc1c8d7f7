from __future__ import annotations

import pytest

from imagemood import errors
from imagemood.cli.exit_codes import INTERRUPTED, exit_code

NOT_WRONG_USAGE = (errors.RemoteError, errors.UnavailableError, errors.UnreadableError)
CLASSES = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.MoodError)
]
ARGUMENTS = {
    errors.TableError: {"file": "tags.csv"},
    errors.MissingExtraError: {"extra": "bulk"},
}


@pytest.mark.parametrize("error_class", CLASSES)
def test_every_error_has_an_exit_code(error_class):
    error = error_class("x", **ARGUMENTS.get(error_class, {}))
    assert exit_code(error) == (1 if error_class in NOT_WRONG_USAGE else 2)


def test_an_interrupt_has_the_exit_code_of_the_signal():
    assert INTERRUPTED == 130
