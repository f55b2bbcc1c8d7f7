"""The columns of tag rows as codes, checked: the representation of `TagSet`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import TableError
from imagemood.tables.coding import Coded, coded_images, coded_tags, number_column
from imagemood.tables.column_table import Column, Columns
from imagemood.tables.scores import check_scores
from imagemood.tables.table_format import TAG_ROW_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class TagRows:
    """Images, tags and scores of the same length; `name` is the name of the rows in error messages."""

    image: Coded
    tag: Coded
    score: NDArray[np.float64]
    name: str = "tag rows"

    def __post_init__(self) -> None:
        lengths = [len(self.image.codes), len(self.tag.codes), len(self.score)]
        if len(set(lengths)) > 1:
            raise TableError(f"the columns have different lengths: {', '.join(map(str, lengths))}", file=self.name)
        check_scores(self.score, file=self.name)

    def take(self, rows: NDArray[np.integer]) -> TagRows:
        """Return some rows, in their order."""
        return TagRows(self.image.take(rows), self.tag.take(rows), self.score[rows], self.name)

    def equals(self, other: TagRows) -> bool:
        """Return whether the rows are the same."""
        pairs = ((self.image, other.image), (self.tag, other.tag))
        same = all(one.values == two.values and np.array_equal(one.codes, two.codes) for one, two in pairs)
        return same and np.array_equal(self.score, other.score)

    def to_columns(self) -> Columns:
        """Return the rows as lists."""
        images = self.image.decoded()
        return {
            "image": Column(images, str if images and isinstance(images[0], str) else int),
            "tag": Column(self.tag.decoded(), str),
            "score": Column(self.score, float),
        }


def rows_of(table: Columns | pa.Table, name: str) -> TagRows:
    """Return the tag rows of a table; raise `TableError` if a column is missing or has an invalid value."""
    names = table if isinstance(table, Mapping) else table.column_names
    for column in TAG_ROW_COLUMNS:
        if column not in names:
            hint = "the columns image, tag and score are required"
            raise TableError(f"missing column '{column}'", file=name, hint=hint)
    if isinstance(table, Mapping):
        image, tag, score = (table[column].values for column in TAG_ROW_COLUMNS)
        return TagRows(coded_images(image, name), coded_tags(tag, name), number_column(score, name), name)
    from imagemood.tables.arrow_columns import tag_row_columns  # noqa: PLC0415 (pyarrow is slow to import)

    return TagRows(*tag_row_columns(table, name), name)
