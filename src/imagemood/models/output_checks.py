"""Checks of the outputs of networks, which may have any type, shape and values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import IncompatibleModelError, OutputError

Parts = Sequence[tuple[int, dict[str, NDArray[Any]]]]
"""The number of pictures, and the outputs, of each run for a part of the pictures."""
Sizes = tuple[int | None, ...]
_FLOATS = ("float", "float16", "double")
NOT_PROBABILITIES = "the output is not one probability for each mood"
_TOLERANCE = 1e-3


def check_is_float(output: str, types: dict[str, str], where: str) -> None:
    """Raise `IncompatibleModelError` unless an output is a tensor of floating-point numbers."""
    if types[output] not in _FLOATS:
        raise IncompatibleModelError(
            f"the output '{output}' has the type {types[output]}", where=where, hint="export it as float"
        )


def join(
    parts: Parts, output: str, sizes: Sizes, where: str, *, flat: bool = False, problem: str = "unsuitable output"
) -> NDArray[Any]:
    """Return an output for all pictures, of shape (n_images, *sizes); None is any size except 0.

    `IncompatibleModelError` is raised with a description of the problem if the output has another shape. With
    `flat`, each row may have more dimensions: pooled outputs often have the shape (n_images, n_channels, 1, 1).
    """
    arrays = []
    for n_images, outputs in parts:
        array = outputs[output]
        if flat and array.ndim > 1:
            array = array.reshape(len(array), math.prod(array.shape[1:]))
        if not _has_shape(array, (n_images, *sizes)):
            wanted = ", ".join("any" if size is None else str(size) for size in (n_images, *sizes))
            what = f"{problem}: the shape of '{output}' is {array.shape} instead of ({wanted})"
            raise IncompatibleModelError(what, where=where)
        arrays.append(array)
    shapes = sorted({array.shape[1:] for array in arrays})
    if len(shapes) > 1:
        what = f"{problem}: the shape of '{output}' is {shapes[0]} for some pictures and {shapes[1]} for others"
        raise IncompatibleModelError(what, where=where)
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _has_shape(array: NDArray[Any], expected: Sizes) -> bool:
    return array.ndim == len(expected) and all(
        size > 0 if wanted is None else size == wanted for size, wanted in zip(array.shape, expected, strict=True)
    )


def check_rows(is_valid: NDArray[np.bool_], what: str, where: str, *, hint: str | None = None) -> None:
    """Raise `OutputError` with the numbers of the rows that are not valid."""
    if not is_valid.all():
        raise OutputError(what, where=where, hint=hint, rows=np.flatnonzero(~is_valid).tolist())


def as_finite(array: NDArray[np.floating], output: str, where: str) -> NDArray[np.float32]:
    """Return an output as float32; raise `OutputError` if it contains NaN or infinity for some pictures."""
    with np.errstate(over="ignore"):
        array = array.astype(np.float32, copy=False)
    is_finite = np.isfinite(array)
    if not is_finite.all():
        is_valid = is_finite.reshape(len(array), -1).all(axis=1)
        check_rows(is_valid, f"the output '{output}' contains NaN or infinity", where)
    return array


def softmax(logits: NDArray[np.floating], output: str, where: str) -> NDArray[np.float32]:
    """Return the softmax of rows of logits; negative infinity is a probability of 0.

    Examples
    --------
    >>> softmax(np.array([[3e38, -3e38, -np.inf]], dtype=np.float32), "logits", "network.onnx").tolist()
    [[1.0, 0.0, 0.0]]
    """
    if logits.dtype == np.float16:
        logits = logits.astype(np.float32)
    highest = logits.max(axis=1, keepdims=True)  # NaN if there is one
    check_rows(np.isfinite(highest[:, 0]), f"the output '{output}' contains NaN or infinity", where)
    with np.errstate(over="ignore"):
        scores = np.exp(logits - highest)
    scores /= scores.sum(axis=1, keepdims=True)
    probabilities: NDArray[np.float32] = scores.astype(np.float32, copy=False)
    return probabilities


def probabilities_of(values: NDArray[np.floating], where: str) -> NDArray[np.float64]:
    """Return rows of probabilities that sum to 1, from rows of numbers that are proportional to them.

    Because of rounding, there may be negative numbers close to 0. `OutputError` is raised for other negative
    numbers, for rows of zeros, and for NaN and infinity.

    Examples
    --------
    >>> probabilities_of(np.array([[0.5, 1.5]]), "network.onnx").tolist()
    [[0.25, 0.75]]
    """
    probabilities = np.clip(values.astype(np.float64, copy=False), 0, None)
    with np.errstate(over="ignore"):
        sums = probabilities.sum(axis=1, keepdims=True)
    is_valid = (sums > 0) & (sums < np.inf) & (values.min(axis=1, keepdims=True) >= -_TOLERANCE * sums)
    check_rows(is_valid[:, 0], NOT_PROBABILITIES, where)
    probabilities /= sums
    return probabilities
