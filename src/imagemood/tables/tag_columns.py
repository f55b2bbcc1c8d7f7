"""The columns of tag rows, checked: what is wrong is named with its row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagemood.errors import TagFileError

MAX_SCORE = 1 + 1e-6
"""Scores of float32 that sum to 1 may exceed it so far by rounding."""


def _refuse(reason: str, wrong: pa.Array | NDArray[np.bool_], name: str, field: str) -> TagFileError:
    """Name the first row that is wrong, counted from 1."""
    return TagFileError(reason, file=name, row=int(np.argmax(wrong)) + 1, field=field)


def checked_images(image: pa.Array, name: str) -> pa.Array:
    """Check the images: whole numbers or text, none missing.

    Parameters
    ----------
    image : pyarrow.Array of length n_rows
        The column.
    name : str
        What to call the rows in error messages.

    Returns
    -------
    pyarrow.Array of length n_rows
        The column as int64 or string.

    Raises
    ------
    TagFileError
        With the first row that is wrong.
    """
    if pa.types.is_dictionary(image.type):
        image = image.dictionary_decode()
    if pa.types.is_integer(image.type) or pa.types.is_null(image.type):
        kind = pa.int64()
    elif pa.types.is_string(image.type) or pa.types.is_large_string(image.type):
        kind = pa.string()
        empty = pc.equal(image, pa.scalar("", image.type)).fill_null(True)
        if empty.true_count:
            raise _refuse("is missing", empty, name, "image")
    else:
        raise TagFileError(f"is of type {image.type}, not a whole number or text", file=name, field="image")
    if image.null_count:
        raise _refuse("is missing", image.is_null(), name, "image")
    try:
        return image.cast(kind)
    except pa.ArrowInvalid:
        above = pc.greater(image, pa.scalar(2**63 - 1, image.type))
        raise _refuse("is above the largest 64-bit integer", above, name, "image") from None


def checked_tags(tag: pa.Array, name: str) -> pa.Array:
    """Check the tags: text, none missing or empty.

    Parameters
    ----------
    tag : pyarrow.Array of length n_rows
        The column.
    name : str
        What to call the rows in error messages.

    Returns
    -------
    pyarrow.Array of length n_rows
        The column as string.

    Raises
    ------
    TagFileError
        With the first row that is wrong.
    """
    if pa.types.is_dictionary(tag.type):
        tag = tag.dictionary_decode()
    if pa.types.is_null(tag.type):
        tag = tag.cast(pa.string())
    if not (pa.types.is_string(tag.type) or pa.types.is_large_string(tag.type)):
        raise TagFileError(f"is of type {tag.type}, not text", file=name, field="tag")
    empty = pc.equal(tag, pa.scalar("", tag.type)).fill_null(True)
    if empty.true_count:
        raise _refuse("is missing", empty, name, "tag")
    return tag.cast(pa.string())


def checked_scores(score: pa.Array, name: str) -> pa.Array:
    """Check the scores: numbers from 0 to 1, none missing.

    Parameters
    ----------
    score : pyarrow.Array of length n_rows
        The column.
    name : str
        What to call the rows in error messages.

    Returns
    -------
    pyarrow.Array of length n_rows
        The column as float64.

    Raises
    ------
    TagFileError
        With the first row that is wrong.
    """
    if pa.types.is_null(score.type):
        score = score.cast(pa.float64())
    if not (pa.types.is_floating(score.type) or pa.types.is_integer(score.type)):
        raise TagFileError(f"is of type {score.type}, not a number", file=name, field="score")
    if score.null_count:
        raise _refuse("is missing", score.is_null(), name, "score")
    score = score.cast(pa.float64(), safe=False)
    values = score.to_numpy(zero_copy_only=False)
    wrong = ~((values >= 0) & (values <= MAX_SCORE))  # not-a-number compares as false
    if wrong.any():
        raise _refuse(f"is {values[wrong][0]}, not a number from 0 to 1", wrong, name, "score")
    return score


def numbered(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Turn images into numbers, if each of them is written as one.

    Parameters
    ----------
    column : pyarrow.Array or pyarrow.ChunkedArray of string
        The images.

    Returns
    -------
    pyarrow.Array or pyarrow.ChunkedArray
        The same as int64, or as they came: "007" and " 7" are names that happen to read as numbers, which must
        come back as they were.

    Examples
    --------
    >>> numbered(pa.array(["7", "41"])).to_pylist(), numbered(pa.array(["7", "041"])).to_pylist()
    ([7, 41], ['7', '041'])
    """
    try:
        numbers = column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column
    same = pc.all(pc.equal(numbers.cast(pa.string()), column)).as_py()
    return numbers if same else column
