"""Tag rows (image, tag, score), the currency of the project, and the matrix they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from imagemood.errors import TagFileError
from imagemood.tables.tag_columns import checked_images, checked_scores, checked_tags

COLUMNS = ("image", "tag", "score")


@dataclass(frozen=True, eq=False)
class TagMatrix:
    """Tag rows as a dense matrix.

    Attributes
    ----------
    values : ndarray of shape (n_images, n_tags), float32, in [0, 1]
        Score of each tag of the vocabulary, 0 where an image has no such row.
    images : list of int or list of str
        The images, in the order of the rows of `values`.
    n_unknown_rows : int
        How many tag rows were left out because the vocabulary lacks their tag.
    unknown_tags : tuple of str
        These tags, each once.
    """

    values: NDArray[np.float32]
    images: list[int] | list[str]
    n_unknown_rows: int
    unknown_tags: tuple[str, ...]


class TagSet:
    """Rows (image, tag, score), checked and never changed.

    Parameters
    ----------
    table : pyarrow.Table
        Columns ``image`` (integers or strings), ``tag`` (strings) and ``score`` (numbers in [0, 1]).
    name : str
        What to call the rows in error messages, such as the file they come from.

    Attributes
    ----------
    table : pyarrow.Table
        The rows: ``image`` int64 or string, ``tag`` string, ``score`` float64.
    images : list of int or list of str
        The images, in order of first appearance.
    vocabulary : tuple of str
        The tags, in order of first appearance.

    Raises
    ------
    TagFileError
        If a column is missing, or a row has no image, no tag, or a score that is not a number in [0, 1].

    Examples
    --------
    >>> tags = TagSet.from_rows(["a.jpg", "a.jpg", "b.jpg"], ["cat", "dog", "cat"], [0.75, 0.25, 1.0])
    >>> tags
    TagSet(3 rows, 2 images, 2 tags)
    >>> tags.to_matrix(["dog", "cat"]).values
    array([[0.25, 0.75],
           [0.  , 1.  ]], dtype=float32)
    """

    def __init__(self, table: pa.Table, *, name: str = "tag rows") -> None:
        for column in COLUMNS:
            if column not in table.column_names:
                raise TagFileError(f"no column '{column}'", file=name, hint="it needs image, tag and score")
        image = checked_images(table["image"].combine_chunks(), name)
        tag = checked_tags(table["tag"].combine_chunks(), name)
        score = checked_scores(table["score"].combine_chunks(), name)
        self._image = image.dictionary_encode()
        self._tag = tag.dictionary_encode()
        self.table = pa.table({"image": image, "tag": tag, "score": score})

    @classmethod
    def from_rows(cls, images: Sequence[int] | Sequence[str], tags: Sequence[str], scores: ArrayLike) -> TagSet:
        """Make tag rows of three columns.

        Parameters
        ----------
        images : sequence of int or of str, of length n_rows
            The image of each row.
        tags : sequence of str, of length n_rows
            The tag of each row.
        scores : array_like of shape (n_rows,), in [0, 1]
            The score of each row.

        Returns
        -------
        TagSet
            The rows, in the order given.

        Raises
        ------
        TagFileError
            If a row is not a tag row.
        """
        score = _arrow(np.asarray(scores, dtype=np.float64))
        return cls(pa.table({"image": _as_array(images), "tag": pa.array(tags, pa.string()), "score": score}))

    @classmethod
    def from_matrix(
        cls,
        matrix: NDArray[np.floating],
        images: Sequence[int] | Sequence[str],
        vocabulary: Sequence[str],
        *,
        n_top: int | None = None,
        keep_zeros: bool = False,
    ) -> TagSet:
        """Make tag rows of a matrix of scores.

        Parameters
        ----------
        matrix : ndarray of shape (n_images, n_tags), in [0, 1]
            Scores.
        images : sequence of int or of str, of length n_images
            Names of the matrix' rows.
        vocabulary : sequence of str, of length n_tags
            Names of its columns.
        n_top : int, optional
            Keep only so many of the strongest tags of each image.
        keep_zeros : bool
            Whether a score of 0 makes a row.

        Returns
        -------
        TagSet
            The images in the order given; within each, the rows in descending order of score.
        """
        matrix = np.asarray(matrix)
        order = np.argsort(-matrix, axis=1, kind="stable")[:, :n_top]
        scores = np.take_along_axis(matrix, order, axis=1)
        row, rank = np.nonzero(scores >= 0 if keep_zeros else scores)
        columns = {
            "image": _as_array(images).take(_arrow(row)),
            "tag": _names(tuple(vocabulary)).take(_arrow(order[row, rank])),
            "score": _arrow(scores[row, rank].astype(np.float64)),
        }
        return cls(pa.table(columns))

    @property
    def n_images(self) -> int:
        """How many images there are."""
        return len(self._image.dictionary)

    @cached_property
    def images(self) -> list[int] | list[str]:
        """The images, in order of first appearance."""
        images: list[int] | list[str] = self._image.dictionary.to_pylist()
        return images

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The tags, in order of first appearance."""
        return tuple(self._tag.dictionary.to_pylist())

    def to_matrix(self, vocabulary: Sequence[str]) -> TagMatrix:
        """Spread the rows into a matrix.

        The same tag twice for one image is added up, as two classes of one name exclude each other.
        Tags that the vocabulary lacks are left out and counted.

        Parameters
        ----------
        vocabulary : sequence of str, of length n_tags
            Names of the matrix' columns.

        Returns
        -------
        TagMatrix
            The images in order of first appearance.
        """
        columns = pc.index_in(self._tag.dictionary, _names(tuple(vocabulary))).fill_null(-1)
        row, tag, score = self.coordinates()
        column = _numpy(columns)[tag]
        values = np.zeros((self.n_images, len(vocabulary)), dtype=np.float32)
        known = column >= 0
        n_unknown = len(column) - int(np.count_nonzero(known))
        if n_unknown:
            row, column, score = row[known], column[known], score[known]
        np.add.at(values.reshape(-1), row.astype(np.int64) * len(vocabulary) + column, score)
        unknown = self._tag.dictionary.filter(pc.equal(columns, -1)).to_pylist() if n_unknown else []
        return TagMatrix(values, self.images, n_unknown, tuple(unknown))

    def coordinates(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        """Give the rows as places in a matrix of `images` × `vocabulary`.

        Returns
        -------
        image, tag : ndarray of shape (n_rows,), int32
            Place of each row's image and tag.
        score : ndarray of shape (n_rows,), float32
            Each row's score.
        """
        score = _numpy(self.table["score"].combine_chunks()).astype(np.float32)
        return _numpy(self._image.indices), _numpy(self._tag.indices), score

    def ranked(self) -> TagSet:
        """Sort the rows of each image by score.

        Returns
        -------
        TagSet
            The images in order of first appearance; within each, the rows in descending order of score.
        """
        score = _numpy(self.table["score"].combine_chunks())
        order = np.lexsort((-score, _numpy(self._image.indices)))
        return TagSet(self.table.take(_arrow(order)))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __eq__(self, other: object) -> bool:
        return bool(self.table.equals(other.table)) if isinstance(other, TagSet) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"TagSet({len(self)} rows, {self.n_images} images, {len(self.vocabulary)} tags)"


def _numpy(array: pa.Array) -> NDArray[Any]:
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values


def _arrow(values: NDArray[Any]) -> pa.Array:
    """Hand numbers to Arrow as they are; `pa.array` would look for pandas at each call, which takes longer."""
    values = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(values)])


@lru_cache(maxsize=16)
def _names(vocabulary: tuple[str, ...]) -> pa.Array:
    """Hand a vocabulary to Arrow once: a model asks with the same one for each image."""
    return pa.array(vocabulary, pa.string())


def _as_array(images: Iterable[int] | Iterable[str]) -> pa.Array:
    values = list(images)
    # Named, the type saves Arrow from guessing it, which takes longer than a small array does.
    kind = {int: pa.int64(), str: pa.string()}.get(type(values[0])) if values else pa.int64()
    return pa.array(values, kind)
