"""Reads JSON into msgspec structs, with errors that name the file and the field."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from imagemood.errors import ModelError

T = TypeVar("T")
_PHRASES = {
    "array": "a list",
    "bool": "a Boolean",
    "float": "a number",
    "int": "an integer",
    "object": "an object",
    "str": "text",
}


def decode_json(
    content: bytes,
    schema: type[T],
    *,
    where: str,
    hint: str | None = None,
    error_class: type[ModelError] = ModelError,
) -> T:
    """Decode and check JSON; `where` names its file, and `hint` says what a valid file needs.

    Examples
    --------
    >>> decode_json(b'{"n": 1}', dict[str, int], where="numbers.json")
    {'n': 1}
    >>> decode_json(b'{"n": "one"}', dict[str, int], where="numbers.json")
    Traceback (most recent call last):
    ...
    imagemood.errors.ModelError: numbers.json, field '[...]': expected an integer, got text
    """
    try:
        return msgspec.json.decode(content, type=schema)
    except msgspec.ValidationError as error:
        what, field = _describe(str(error))
        place = f"{where}, field '{field}'" if field else where
        raise error_class(what, where=place, hint=hint) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = str(error).removeprefix("JSON is malformed: ")
        raise error_class(f"not valid JSON: {reason}", where=where, hint=hint) from None
    except RecursionError:
        raise error_class("not valid JSON: nested too deeply", where=where, hint=hint) from None


def _describe(message: str) -> tuple[str, str]:
    """Split a message of msgspec into what is wrong, in plain words, and the field."""
    what, _, path = message.partition(" - at `$")
    what = what.replace("Object missing required field", "missing field")
    what = what.replace("Object contains unknown field", "unknown field")
    if what.startswith(("missing", "unknown")):
        what = what.replace("`", "'")
    what = re.sub("`([^`]+)`", _phrase, what)
    what = what.replace("of length >= 1", "that is not empty").replace("Expected", "expected")
    return what, path.removesuffix("`").removeprefix(".")


def _phrase(types: re.Match[str]) -> str:
    return " or ".join(_PHRASES.get(name, name) for name in types[1].split(" | "))
