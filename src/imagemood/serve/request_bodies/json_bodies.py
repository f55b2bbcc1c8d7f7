"""Parses JSON in request bodies, with a limit on the number of values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from imagemood._suggestions import similar_name
from imagemood.serve.problems import Problem, format_validation_errors

_Model = TypeVar("_Model", bound=BaseModel)
MAX_CONTAINERS = 150_000
"""Largest number of objects and lists, whose parsing, unlike that of numbers, delays all other requests."""
_MIN_SIMILARITY = 0.65  # of the name of a field that is suggested
_MAX_SUGGESTIONS = 10  # errors that are examined
_PART_BYTES = 1_000_000  # that are counted without letting other threads run
_MANY_VALUES = b",[{"  # each of these characters precedes at most one value, unless it is part of a text


def count_values(body: bytes) -> int:
    """Return an upper bound for the number of values inside the outermost one of JSON, without parsing it.

    Examples
    --------
    >>> count_values(b'[1, {"a": [2]}]')
    4
    """
    parts = (body[start : start + _PART_BYTES] for start in range(0, len(body), _PART_BYTES))
    return sum(part.count(character) for part in parts for character in _MANY_VALUES)


def load_json(body: bytes, max_values: int, what: str = "the body") -> Any:
    """Parse JSON; raise a problem with status 413 if it has too many values, or 422 if it is not valid.

    Commas and brackets in texts count as values, too. The values are counted before the body is parsed, because
    an empty object takes three bytes in JSON, but 64 bytes in memory.

    Examples
    --------
    >>> load_json(b'{"images": [1, 2]}', max_values=10)
    {'images': [1, 2]}
    """
    if count_values(body) > max_values:
        raise Problem(413, f"{what} has more than {max_values:,} values")
    if body.count(b"{") + body.count(b"[") > MAX_CONTAINERS:
        raise Problem(413, f"{what} has more than {MAX_CONTAINERS:,} objects and lists")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem(422, f"{what} is not valid JSON: {error}") from error


def validate(value: Any, model: type[_Model]) -> _Model:
    """Check a value against a pydantic model; raise a problem with status 422 if that fails."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False, include_input=False)
        raise Problem(422, format_validation_errors(_with_suggestion(errors, model))) from error


def _with_suggestion(errors: Sequence[Mapping[str, Any]], model: type[BaseModel]) -> Sequence[Mapping[str, Any]]:
    """Suggest a field for the first unknown one, which is probably the cause of the other errors."""
    for i, error in enumerate(errors[:_MAX_SUGGESTIONS]):
        if error["type"] == "extra_forbidden":
            unknown = str(error["loc"][-1])
            similar = similar_name(unknown, _field_names(model), min_similarity=_MIN_SIMILARITY)
            if similar:
                suggestion = {**error, "msg": f"{error['msg']}; did you mean '{similar}'?"}
                return [suggestion, *errors[:i], *errors[i + 1 :]]
    return errors


@cache
def _field_names(model: type[BaseModel]) -> list[str]:
    """Return the names of the fields of a model, and of the models in it."""
    schema = model.model_json_schema()
    return [name for part in (schema, *schema.get("$defs", {}).values()) for name in part.get("properties", ())]


def check_length(value: Any, key: str, max_length: int, what: str) -> None:
    """Raise a problem with status 413 if an object has a list that is too long.

    Examples
    --------
    >>> check_length({"images": [1, 2]}, "images", 1, "pictures")
    Traceback (most recent call last):
        ...
    imagemood.serve.problems.Problem: the request has 2 pictures; the limit is 1
    """
    entries = value.get(key) if isinstance(value, dict) else None
    if isinstance(entries, list) and len(entries) > max_length:
        raise Problem(413, f"the request has {len(entries):,} {what}; the limit is {max_length:,}")
