"""The description of a file format of tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from imagemood.tables.column_table import Columns

TAG_ROW_COLUMNS = ("image", "tag", "score")


@dataclass(frozen=True)
class TableFormat:
    """A file format of tables. All formats can hold tag rows.

    Attributes
    ----------
    name : str
        Name of the format in options and in the documentation.
    extensions : tuple of str
        File name extensions in lower case, each with its dot; the first is the usual one.
    description : str
        Note for the documentation, as Markdown.
    encode : callable
        Converts a table to the content of a file. Raises `InputError` if the format cannot hold the table.
    decode_tag_rows : callable
        Converts the content and the name of a file to a table with the columns image, tag and score, which may
        be one of Arrow. Raises `TableError`.
    decode_table : callable, optional
        Converts the content of a file to a table of Arrow with any columns of numbers and text. Raises
        `pyarrow.ArrowException`. None if the format can hold only tag rows.
    read_tag_row_batches : callable, optional
        Reads the tag rows of the file at a path in parts. Returns None if this file must be read as a whole; the
        same holds for formats without this function.
    holds_names : bool
        Whether images may be identified by names, and not only by numbers.
    """

    name: str
    extensions: tuple[str, ...]
    description: str
    encode: Callable[[Columns], bytes]
    decode_tag_rows: Callable[[bytes, str], Columns | pa.Table]
    decode_table: Callable[[bytes], pa.Table] | None = None
    read_tag_row_batches: Callable[[Path], Iterator[pa.Table] | None] | None = None
    holds_names: bool = True

    @property
    def holds_any_table(self) -> bool:
        """Whether the format can hold tables other than tag rows, such as visual features."""
        return self.decode_table is not None
