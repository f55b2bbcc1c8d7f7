"""The columns of tag rows, checked and converted; errors name the first invalid row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagemood.errors import TableError
from imagemood.tables.scores import check_scores


def checked_images(image: pa.Array, name: str) -> pa.Array:
    """Return the column as int64 or text; raise `TableError` if it has another type or a missing value."""
    image = _decoded(image)
    if pa.types.is_integer(image.type) or pa.types.is_null(image.type):
        kind = pa.int64()
    elif _is_text(image):
        kind = pa.string()
        _check_present(_is_empty(image), name, "image")
    else:
        raise _wrong_type(image, "integers or text", name, "image")
    _check_present(image.is_null(), name, "image")
    try:
        return image.cast(kind)
    except pa.ArrowInvalid:
        too_large = pc.greater(image, pa.scalar(2**63 - 1, image.type))
        raise _invalid("does not fit into a 64-bit integer", too_large, name, "image") from None


def checked_tags(tag: pa.Array, name: str) -> pa.Array:
    """Return the column as text; raise `TableError` if it has another type, or a missing or empty value."""
    tag = _decoded(tag)
    if pa.types.is_null(tag.type):
        tag = tag.cast(pa.string())
    if not _is_text(tag):
        raise _wrong_type(tag, "text", name, "tag")
    _check_present(_is_empty(tag), name, "tag")
    return tag.cast(pa.string())


def checked_scores(score: pa.Array, name: str) -> pa.Array:
    """Return the column as float64; raise `TableError` if a value is missing or not a number from 0 to 1."""
    if pa.types.is_null(score.type):
        score = score.cast(pa.float64())
    if not (pa.types.is_floating(score.type) or pa.types.is_integer(score.type)):
        raise _wrong_type(score, "numbers", name, "score")
    _check_present(score.is_null(), name, "score")
    score = score.cast(pa.float64(), safe=False)
    check_scores(score.to_numpy(zero_copy_only=False), file=name)
    return score


def integers_if_possible(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return names of images as int64 if each is the text of an integer, and unchanged otherwise.

    "007" and " 7" are names that look like integers and must be kept as they are.

    Examples
    --------
    >>> integers_if_possible(pa.array(["7", "41"])).to_pylist()
    [7, 41]
    >>> integers_if_possible(pa.array(["7", "041"])).to_pylist()
    ['7', '041']
    """
    try:
        integers = column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column
    same = pc.all(pc.equal(integers.cast(pa.string()), column)).as_py()
    return integers if same else column


def _decoded(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _is_text(column: pa.Array) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _is_empty(column: pa.Array) -> pa.Array:
    return pc.equal(column, pa.scalar("", column.type)).fill_null(True)


def _check_present(missing: pa.Array, name: str, field: str) -> None:
    if missing.true_count:
        raise _invalid("missing value", missing, name, field)


def _wrong_type(column: pa.Array, expected: str, name: str, field: str) -> TableError:
    return TableError(f"expected {expected}, got values of type {column.type}", file=name, field=field)


def _invalid(what: str, invalid: pa.Array | NDArray[np.bool_], name: str, field: str) -> TableError:
    """Return an error that names the first invalid row, counted from 1."""
    return TableError(what, file=name, row=int(np.argmax(invalid)) + 1, field=field)
