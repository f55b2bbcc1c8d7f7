"""Collect tag rows that come in parts into one matrix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import psutil
import pyarrow as pa
from numpy.typing import NDArray

from imagemood.errors import InputError
from imagemood.tables.tag_columns import numbered
from imagemood.tables.tag_set import TagSet

_COPIES = 2.5  # of the matrix that training holds at once: its own, the estimator's, and what lies between


@dataclass(frozen=True, eq=False)
class Collected:
    """All rows as a matrix.

    Attributes
    ----------
    values : ndarray of shape (n_images, n_tags), float32
        Scores; 0 where an image has no such row, the sum where it has several.
    images : list of int or list of str
        The images, in order of first appearance: numbers where all are.
    vocabulary : tuple of str
        The tags, in ascending order.
    """

    values: NDArray[np.float32]
    images: list[int] | list[str]
    vocabulary: tuple[str, ...]


def collect(batches: Iterable[TagSet]) -> Collected:
    """Collect tag rows. Of each row 12 bytes are kept until all are there, then the matrix.

    Parameters
    ----------
    batches : iterable of TagSet
        Parts of the rows.

    Returns
    -------
    Collected
        All of them.

    Raises
    ------
    InputError
        If there is not enough memory to train on them.

    Examples
    --------
    >>> first = TagSet.from_rows(["7", "7"], ["dog", "cat"], [0.5, 0.25])
    >>> collect([first, TagSet.from_rows(["7"], ["cat"], [0.25])])
    Collected(values=array([[0.5, 0.5]], dtype=float32), images=[7], vocabulary=('cat', 'dog'))
    """
    image_places: dict[int | str, int] = {}
    tag_places: dict[str, int] = {}
    parts = []
    for batch in batches:
        image, tag, score = batch.coordinates()
        rows = np.array([image_places.setdefault(i, len(image_places)) for i in batch.images], dtype=np.int32)
        columns = np.array([tag_places.setdefault(t, len(tag_places)) for t in batch.vocabulary], dtype=np.int32)
        parts.append((rows[image], columns[tag], score))
    check_memory(len(image_places), len(tag_places))
    vocabulary = tuple(sorted(tag_places))
    order = np.empty(len(vocabulary), dtype=np.int64)
    order[[tag_places[tag] for tag in vocabulary]] = np.arange(len(vocabulary))
    values = np.zeros((len(image_places), len(vocabulary)), dtype=np.float32)
    while parts:
        row, column, score = parts.pop(0)
        np.add.at(values.reshape(-1), row.astype(np.int64) * len(vocabulary) + order[column], score)
    images = pa.array(list(image_places))
    if pa.types.is_string(images.type):  # as those of CSV files are
        images = numbered(images)
    return Collected(values, images.to_pylist(), vocabulary)


def check_memory(n_images: int, n_columns: int) -> None:
    """Refuse what does not fit into memory, before it is tried.

    Parameters
    ----------
    n_images, n_columns : int
        Size of the matrix to train on.

    Raises
    ------
    InputError
        With what it needs and what there is.
    """
    needed, free = _COPIES * 4 * n_images * n_columns, psutil.virtual_memory().available
    if needed > free:
        most = int(free / (_COPIES * 4 * n_columns))
        raise InputError(
            f"to train on {n_images:,} images × {n_columns:,} columns takes {needed / 1e9:.1f} GB of memory, "
            f"and {free / 1e9:.1f} GB are free",
            hint=f"train on {most:,} images or fewer, or on fewer tags",
        )
