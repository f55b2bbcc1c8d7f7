"""Tag rows in memory, and their conversion from and to matrices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from imagemood.errors import TableError
from imagemood.tables.arrays import image_array, tag_array, text_array, to_arrow, to_numpy
from imagemood.tables.columns import checked_images, checked_scores, checked_tags
from imagemood.tables.matrix import TagMatrix, add_scores
from imagemood.tables.table_format import TAG_ROW_COLUMNS


class TagSet:
    """Immutable, checked tag rows (image, tag, score).

    Parameters
    ----------
    table : pyarrow.Table
        Columns ``image`` (integers or text), ``tag`` (text) and ``score`` (numbers in [0, 1]); others are ignored.
    name : str
        Name of the rows in error messages, such as that of their file.

    Attributes
    ----------
    table : pyarrow.Table
        The rows: ``image`` int64 or string, ``tag`` string, ``score`` float64.
    n_images : int
        Number of different images.
    images : list of int or list of str
        The images, in order of first appearance.
    vocabulary : tuple of str
        The tags, in order of first appearance.

    Raises
    ------
    TableError
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
        for column in TAG_ROW_COLUMNS:
            if column not in table.column_names:
                hint = "the columns image, tag and score are required"
                raise TableError(f"missing column '{column}'", file=name, hint=hint)
        image = checked_images(table["image"].combine_chunks(), name)
        tag = checked_tags(table["tag"].combine_chunks(), name)
        score = checked_scores(table["score"].combine_chunks(), name)
        self._image = image.dictionary_encode()
        self._tag = tag.dictionary_encode()
        self.table = pa.table({"image": image, "tag": tag, "score": score})

    @classmethod
    def from_rows(cls, images: Sequence[int] | Sequence[str], tags: Sequence[str], scores: ArrayLike) -> TagSet:
        """Create tag rows from three columns.

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
            The rows, in the given order.

        Raises
        ------
        TableError
            If a row has no image, no tag, or a score that is not a number in [0, 1].

        Examples
        --------
        >>> TagSet.from_rows([7, 7], ["cat", "dog"], [0.75, 0.25]).vocabulary
        ('cat', 'dog')
        """
        score = to_arrow(np.asarray(scores, dtype=np.float64))
        return cls(pa.table({"image": image_array(images), "tag": text_array(tags), "score": score}))

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
        """Create tag rows from a matrix of scores.

        Parameters
        ----------
        matrix : ndarray of shape (n_images, n_tags), in [0, 1]
            Scores.
        images : sequence of int or of str, of length n_images
            Names of the rows of the matrix.
        vocabulary : sequence of str, of length n_tags
            Names of its columns.
        n_top : int, optional
            Number of highest-scoring tags to keep for each image. Defaults to all.
        keep_zeros : bool
            Whether to include rows with the score 0.

        Returns
        -------
        TagSet
            The images in the given order; within each, the rows in descending order of score.

        Raises
        ------
        TableError
            If a value of the matrix is not a number in [0, 1].

        Examples
        --------
        >>> tags = TagSet.from_matrix(np.array([[0.25, 0.75, 0]]), ["a.jpg"], ["cat", "dog", "fox"])
        >>> tags.table.to_pydict()
        {'image': ['a.jpg', 'a.jpg'], 'tag': ['dog', 'cat'], 'score': [0.75, 0.25]}
        """
        matrix = np.asarray(matrix)
        order = np.argsort(-matrix, axis=1, kind="stable")[:, :n_top]
        scores = np.take_along_axis(matrix, order, axis=1)
        row, rank = np.nonzero(scores >= 0 if keep_zeros else scores)
        columns = {
            "image": image_array(images).take(to_arrow(row)),
            "tag": tag_array(tuple(vocabulary)).take(to_arrow(order[row, rank])),
            "score": to_arrow(scores[row, rank].astype(np.float64)),
        }
        return cls(pa.table(columns))

    @property
    def n_images(self) -> int:
        """Number of different images."""
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
        """Return the rows as a dense matrix.

        If a tag occurs more than once for an image, its scores are added, since two classes with the same name are
        mutually exclusive. Rows with a tag that is not in the vocabulary are ignored and counted.

        Parameters
        ----------
        vocabulary : sequence of str, of length n_tags
            The tags, in the order of the columns.

        Returns
        -------
        TagMatrix
            ``values`` of shape (n_images, n_tags), float32, with the images in order of first appearance.

        Examples
        --------
        >>> tags = TagSet.from_rows([7, 7, 7], ["cat", "cat", "yeti"], [0.25, 0.5, 0.25])
        >>> matrix = tags.to_matrix(["dog", "cat"])
        >>> matrix.values, matrix.images, matrix.unknown_tags
        (array([[0.  , 0.75]], dtype=float32), [7], ('yeti',))
        """
        vocabulary = tuple(vocabulary)
        column_of_tag = pc.index_in(self._tag.dictionary, tag_array(vocabulary)).fill_null(-1)
        row, tag, score = self.coordinates()
        values = np.zeros((self.n_images, len(vocabulary)), dtype=np.float32)
        n_unknown = add_scores(values, row, to_numpy(column_of_tag)[tag], score)
        unknown = self._tag.dictionary.filter(pc.equal(column_of_tag, -1)).to_pylist() if n_unknown else []
        return TagMatrix(values, self.images, n_unknown, tuple(unknown))

    def coordinates(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
        """Return the rows as coordinates in a matrix of `images` × `vocabulary`.

        Returns
        -------
        image, tag : ndarray of shape (n_rows,), int32
            Position of each row's image in `images`, and of its tag in `vocabulary`.
        score : ndarray of shape (n_rows,), float32, in [0, 1]
            Each row's score.

        Examples
        --------
        >>> [array.tolist() for array in TagSet.from_rows([7, 3, 7], ["a", "b", "b"], [0, 0.5, 1]).coordinates()]
        [[0, 1, 0], [0, 1, 1], [0.0, 0.5, 1.0]]
        """
        score = to_numpy(self.table["score"].combine_chunks()).astype(np.float32)
        return to_numpy(self._image.indices), to_numpy(self._tag.indices), score

    def ranked(self) -> TagSet:
        """Return the rows sorted by score within each image.

        Returns
        -------
        TagSet
            The images in order of first appearance; within each, the rows in descending order of score.

        Examples
        --------
        >>> TagSet.from_rows([7, 3, 7], ["cat", "cat", "dog"], [0.25, 1, 0.75]).ranked().table["tag"].to_pylist()
        ['dog', 'cat', 'cat']
        """
        score = to_numpy(self.table["score"].combine_chunks())
        order = np.lexsort((-score, to_numpy(self._image.indices)))
        return TagSet(self.table.take(to_arrow(order)))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __eq__(self, other: object) -> bool:
        return bool(self.table.equals(other.table)) if isinstance(other, TagSet) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"TagSet({len(self)} rows, {self.n_images} images, {len(self.vocabulary)} tags)"
