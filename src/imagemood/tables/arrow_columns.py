"""The columns of tag rows in tables of Arrow, checked and converted; errors name the first invalid row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imagemood import _extras
from imagemood.errors import TableError
from imagemood.tables.coding import Coded

with _extras.needs("tables"):
    import pyarrow as pa
    import pyarrow.compute as pc


def tag_row_columns(table: pa.Table, name: str) -> tuple[Coded, Coded, NDArray[np.float64]]:
    """Return the images, tags and scores of tag rows."""
    image = checked_images(table["image"].combine_chunks(), name)
    tag = checked_tags(table["tag"].combine_chunks(), name)
    score = checked_scores(table["score"].combine_chunks(), name)
    return _coded(image), _coded(tag), score.to_numpy(zero_copy_only=False)


def _coded(column: pa.Array) -> Coded:
    encoded = column.dictionary_encode()
    return Coded(encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False))


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
    """Return the column as float64; raise `TableError` if it has another type or a missing value."""
    if pa.types.is_null(score.type):
        score = score.cast(pa.float64())
    if not (pa.types.is_floating(score.type) or pa.types.is_integer(score.type)):
        raise _wrong_type(score, "numbers", name, "score")
    _check_present(score.is_null(), name, "score")
    return score.cast(pa.float64(), safe=False)


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
