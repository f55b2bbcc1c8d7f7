"""Conversions between Arrow, NumPy and Python, faster than Arrow's own for small tables."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagemood.errors import InputError


def to_numpy(array: pa.Array) -> NDArray[Any]:
    """Return a NumPy array of the same values."""
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values


def to_arrow(values: NDArray[Any]) -> pa.Array:
    """Return an Arrow array of the same numbers, faster than `pa.array`, which looks for pandas at each call."""
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


@lru_cache(maxsize=16)  # a model uses the same vocabulary for each image
def tag_array(vocabulary: tuple[str, ...]) -> pa.Array:
    """Return an Arrow array of tags."""
    return text_array(vocabulary)


def image_array(images: Iterable[int] | Iterable[str]) -> pa.Array:
    """Return an Arrow array of the numbers or names of images."""
    values: list[Any] = list(images)
    # For a small array, Arrow takes longer to infer the type than to create the array.
    kind = {int: pa.int64(), str: pa.string()}.get(type(values[0])) if values else pa.int64()
    return text_array(values) if kind == pa.string() else pa.array(values, kind)


def text_array(texts: Iterable[str]) -> pa.Array:
    """Return an Arrow array of texts; raise `InputError` if one is not valid Unicode."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError as error:
        raise InputError("not valid Unicode", where=error.object) from None
