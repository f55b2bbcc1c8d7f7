"""Decodes JSON into msgspec structs, with plain error messages for JSON that does not match the schema."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
_PHRASES = {
    "array": "a list",
    "bool": "a Boolean",
    "float": "a number",
    "int": "an integer",
    "object": "an object",
    "str": "text",
}


class SchemaError(ValueError):
    """JSON is invalid or does not match its schema. `field` is the path of a field, such as ``labels[1]``."""

    def __init__(self, what: str, field: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.field = field


def decode_json(content: bytes, schema: type[T]) -> T:
    """Decode JSON and check it against a schema.

    Examples
    --------
    >>> decode_json(b'{"n": 1}', dict[str, int])
    {'n': 1}
    >>> decode_json(b'{"n": "one"}', dict[str, int])
    Traceback (most recent call last):
    ...
    imagemood.tables.json_schema.SchemaError: expected an integer, got text
    """
    try:
        return msgspec.json.decode(content, type=schema)
    except msgspec.ValidationError as error:
        raise _schema_error(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = str(error).removeprefix("JSON is malformed: ")
        raise SchemaError(f"not valid JSON: {reason}") from None
    except RecursionError:
        raise SchemaError("not valid JSON: nested too deeply") from None


def decode_document(content: bytes, schema: type[T]) -> T:
    """Decode a JSON file, which must be UTF-8 without a byte order mark, and in which no key may occur twice.

    Examples
    --------
    >>> decode_document(b'{"n": 1, "n": 2}', dict[str, int])
    Traceback (most recent call last):
    ...
    imagemood.tables.json_schema.SchemaError: the key 'n' occurs twice
    """
    if not content.strip():
        raise SchemaError("not valid JSON: the file is empty")
    if content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content[:2]:
        raise SchemaError("not valid JSON: not UTF-8 without a byte order mark")
    value = decode_json(content, schema)
    try:  # other programs may use another one of two values
        json.loads(content, object_pairs_hook=_check_keys, parse_int=len, parse_float=len)
    except RecursionError:
        raise SchemaError("not valid JSON: nested too deeply") from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SchemaError(f"not valid JSON: {error}") from None
    return value


def _check_keys(pairs: list[tuple[str, Any]]) -> None:
    keys: set[str] = set()
    for key, _ in pairs:
        if key in keys:
            raise SchemaError(f"the key '{key}' occurs twice")
        keys.add(key)


def _schema_error(message: str) -> SchemaError:
    """Convert a message of msgspec into plain words, and separate the field from it."""
    what, _, path = message.partition(" - at `$")
    what = what.replace("Object missing required field", "missing field")
    what = what.replace("Object contains unknown field", "unknown field")
    if what.startswith(("missing", "unknown")):
        what = what.replace("`", "'")
    what = re.sub("`([^`]+)`", _phrase, what)
    what = what.replace("of length >= 1", "that is not empty").replace("Expected", "expected")
    return SchemaError(what, path.removesuffix("`").removeprefix(".") or None)


def _phrase(types: re.Match[str]) -> str:
    return " or ".join(_PHRASES.get(name, name) for name in types[1].split(" | "))
