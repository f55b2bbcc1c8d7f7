"""Reads the JSON files of models, with errors that name the file and the field."""

from __future__ import annotations

from typing import TypeVar

from imagemood.errors import ModelError
from imagemood.tables.json_schema import SchemaError, decode_document

T = TypeVar("T")


def decode_file(
    content: bytes,
    schema: type[T],
    *,
    where: str,
    hint: str | None = None,
    error_class: type[ModelError] = ModelError,
) -> T:
    """Decode and check the content of the JSON file `where`; `hint` describes a valid file.

    Examples
    --------
    >>> decode_file(b'{"n": "one"}', dict[str, int], where="numbers.json")
    Traceback (most recent call last):
    ...
    imagemood.errors.ModelError: numbers.json, field '[...]': expected an integer, got text
    """
    try:
        return decode_document(content, schema)
    except SchemaError as error:
        location = f"{where}, field '{error.field}'" if error.field else where
        raise error_class(error.what, where=location, hint=hint) from None
