"""Columns of repeated values as codes: positions in a list of the different values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagemood.errors import InputError, TableError

_INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of repeated values.

    Attributes
    ----------
    values : list of int or list of str
        The different values.
    codes : ndarray of shape (n_rows,), int32
        The position of each row's value in `values`.
    """

    values: list[Any]
    codes: NDArray[np.int32]

    def take(self, rows: NDArray[np.integer]) -> Coded:
        """Return the values of some rows, in order of first appearance.

        Examples
        --------
        >>> taken = coded(["a", "b", "c"]).take(np.array([2, 0, 2]))
        >>> taken.values, taken.codes.tolist()
        (['c', 'a'], [0, 1, 0])
        """
        codes = self.codes[rows]
        first = np.full(len(self.values), len(codes))
        first[codes[::-1]] = np.arange(len(codes))[::-1]  # of several assignments, the last one counts
        order = np.argsort(first, kind="stable")[: np.count_nonzero(first < len(codes))]
        position = np.empty(len(self.values), dtype=np.int32)
        position[order] = np.arange(len(order), dtype=np.int32)
        return Coded([self.values[i] for i in order.tolist()], position[codes])

    def decoded(self) -> list[Any]:
        """Return the value of each row.

        Examples
        --------
        >>> Coded(["a", "b"], np.array([1, 0, 1], dtype=np.int32)).decoded()
        ['b', 'a', 'b']
        """
        values = np.empty(len(self.values), dtype=object)
        values[:] = self.values
        found: list[Any] = values[self.codes].tolist()
        return found


def coded(values: Sequence[Any]) -> Coded:
    """Return a column as codes, with the different values in order of first appearance."""
    position = {value: i for i, value in enumerate(dict.fromkeys(values))}
    codes = np.fromiter(map(position.__getitem__, values), dtype=np.int32, count=len(values))
    return Coded(list(position), codes)


def coded_images(images: Iterable[Any], name: str) -> Coded:
    """Return a column of images, integers or text; raise `TableError` that names the first invalid row."""
    values = _listed(images)
    kinds = set(map(type, values))
    if kinds <= {int}:
        column = coded(values)
        _check(values, (value for value in column.values if value not in _INT64), name, "image", _TOO_LARGE)
        return column
    return _coded_text(values, kinds, name, "image", "integers or text")


def coded_tags(tags: Iterable[Any], name: str) -> Coded:
    """Return a column of tags, as text; raise `TableError` that names the first invalid row."""
    values = _listed(tags)
    return _coded_text(values, set(map(type, values)), name, "tag", "text")


@lru_cache(maxsize=16)  # a model uses the same vocabulary for each image
def coded_vocabulary(vocabulary: tuple[str, ...]) -> Coded:
    """Return the tags of a vocabulary, as `coded_tags` does."""
    return coded_tags(vocabulary, "vocabulary")


@lru_cache(maxsize=16)
def positions(vocabulary: tuple[str, ...]) -> dict[str, int]:
    """Return the position of each tag; of tags that occur twice, the first one."""
    return {tag: i for i, tag in reversed(list(enumerate(vocabulary)))}


def number_column(numbers: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return a column of scores as float64; raise `TableError` if a value is missing or not a number."""
    values = np.asarray(numbers)
    if values.dtype.kind not in "fiu" and len(values):
        listed = values.tolist()
        _check(listed, (value for value in listed if value is None), name, "score", _MISSING)
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in listed):
            raise _wrong_type("numbers", set(map(type, listed)), name, "score")
    return values.astype(np.float64)


def integers_if_possible(images: list[Any]) -> list[Any]:
    """Return names of images as integers if each is the text of a 64-bit integer, and unchanged otherwise.

    "007" and " 7" are names that look like integers and must be kept as they are.

    Examples
    --------
    >>> integers_if_possible(["7", "41"])
    [7, 41]
    >>> integers_if_possible(["7", "041"])
    ['7', '041']
    """
    integers = {}
    for image in dict.fromkeys(images):
        if not (isinstance(image, str) and _INTEGER.fullmatch(image) and int(image) in _INT64):
            return images
        integers[image] = int(image)
    return [integers[image] for image in images]


_INTEGER = re.compile("0|-?[1-9][0-9]{0,18}")
_MISSING, _TOO_LARGE = "missing value", "does not fit into a 64-bit integer"


def _coded_text(values: list[Any], kinds: set[type], name: str, field: str, expected: str) -> Coded:
    if not kinds <= {str}:
        _check(values, (value for value in values if value is None), name, field, _MISSING)
        raise _wrong_type(expected, kinds, name, field)
    column = coded(values)
    _check(values, (value for value in column.values if not value), name, field, _MISSING)
    try:
        "".join(column.values).encode()
    except UnicodeEncodeError:
        invalid = next(value for value in column.values if value.encode(errors="replace").decode() != value)
        raise InputError("not valid Unicode", where=invalid) from None
    return column


def _listed(values: Iterable[Any]) -> list[Any]:
    if isinstance(values, np.ndarray):
        return list(values.tolist())
    return [value.item() if isinstance(value, np.generic) else value for value in values]


def _check(values: list[Any], invalid: Iterable[Any], name: str, field: str, what: str) -> None:
    """Raise `TableError` that names the row of the first invalid value, if there is one."""
    for value in invalid:
        raise TableError(what, file=name, row=values.index(value) + 1, field=field)


def _wrong_type(expected: str, kinds: set[type], name: str, field: str) -> TableError:
    found = " and ".join(sorted(kind.__name__ for kind in kinds))
    return TableError(f"expected {expected}, got values of type {found}", file=name, field=field)
