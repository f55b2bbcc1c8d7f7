"""Tracebacks, whose frames keep memory."""

from __future__ import annotations

from typing import TypeVar

_E = TypeVar("_E", bound=Exception)


def without_traceback(error: _E) -> _E:
    """Remove the traceback of an error that has been handled, or is kept, and those of the errors before it.

    The frames of a traceback keep their variables, such as the content of a picture. If one of these variables
    leads to the error, only the garbage collector can free them, which may take hours.

    Examples
    --------
    >>> try:
    ...     int("a")
    ... except ValueError as error:
    ...     print(without_traceback(error).__traceback__)
    None
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
