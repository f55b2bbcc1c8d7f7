"""Tag rows in memory, and their conversion from and to matrices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imagemood.tables.coding import coded_images, coded_tags, coded_vocabulary, number_column, positions
from imagemood.tables.column_table import Columns, to_arrow
from imagemood.tables.matrix import TagMatrix, add_scores
from imagemood.tables.tag_rows import TagRows, rows_of

if TYPE_CHECKING:
    import pyarrow as pa


class TagSet:
    """Immutable, checked tag rows (image, tag, score).

    Parameters
    ----------
    table : pyarrow.Table or mapping of str to Column
        Columns ``image`` (integers or text), ``tag`` (text) and ``score`` (numbers in [0, 1]); others are ignored.
    name : str
        Name of the rows in error messages, such as that of their file.

    Attributes
    ----------
    table : pyarrow.Table
        The rows: ``image`` int64 or string, ``tag`` string, ``score`` float64. Needs the extra ``tables``.
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

    def __init__(self, table: Columns | pa.Table, *, name: str = "tag rows") -> None:
        self._rows = rows_of(table, name)

    @classmethod
    def _of(cls, rows: TagRows) -> TagSet:
        found = cls.__new__(cls)
        found._rows = rows
        return found

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
        name = "tag rows"
        return cls._of(TagRows(coded_images(images, name), coded_tags(tags, name), number_column(scores, name)))

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
        image = coded_images(images, "tag rows").take(row)
        tag = coded_vocabulary(tuple(vocabulary)).take(order[row, rank])
        return cls._of(TagRows(image, tag, scores[row, rank].astype(np.float64)))

    @cached_property
    def table(self) -> pa.Table:
        """The rows as a table of Arrow: ``image`` int64 or string, ``tag`` string, ``score`` float64."""
        return to_arrow(self.to_columns())

    def to_columns(self) -> Columns:
        """Return the rows as lists.

        Examples
        --------
        >>> TagSet.from_rows([7], ["cat"], [0.75]).to_columns()["tag"].values
        ['cat']
        """
        return self._rows.to_columns()

    @property
    def n_images(self) -> int:
        """Number of different images."""
        return len(self._rows.image.values)

    @cached_property
    def images(self) -> list[int] | list[str]:
        """The images, in order of first appearance."""
        return list(self._rows.image.values)

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The tags, in order of first appearance."""
        return tuple(self._rows.tag.values)

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
        position = positions(vocabulary)
        column_of_tag = np.array([position.get(tag, -1) for tag in self._rows.tag.values], dtype=np.intp)
        row, tag, score = self.coordinates()
        values = np.zeros((self.n_images, len(vocabulary)), dtype=np.float32)
        n_unknown = add_scores(values, row, column_of_tag[tag], score)
        unknown = tuple(tag for tag in self._rows.tag.values if tag not in position)
        return TagMatrix(values, self.images, n_unknown, unknown)

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
        return self._rows.image.codes, self._rows.tag.codes, self._rows.score.astype(np.float32)

    def ranked(self) -> TagSet:
        """Return the rows sorted by score within each image.

        Returns
        -------
        TagSet
            The images in order of first appearance; within each, the rows in descending order of score.

        Examples
        --------
        >>> TagSet.from_rows([7, 3, 7], ["cat", "cat", "dog"], [0.25, 1, 0.75]).ranked().to_columns()["tag"].values
        ['dog', 'cat', 'cat']
        """
        return self._of(self._rows.take(np.lexsort((-self._rows.score, self._rows.image.codes))))

    def __len__(self) -> int:
        return len(self._rows.score)

    def __eq__(self, other: object) -> bool:
        return self._rows.equals(other._rows) if isinstance(other, TagSet) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"TagSet({len(self)} rows, {self.n_images} images, {len(self.vocabulary)} tags)"
