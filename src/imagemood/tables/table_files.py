"""Reads and writes tables in each format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.errors import InputError, TableError
from imagemood.tables import formulas
from imagemood.tables.column_table import Columns, columns_of
from imagemood.tables.files import format_of, name_of, read_table, write_bytes
from imagemood.tables.formats import FORMATS
from imagemood.tables.tag_set import TagSet

if TYPE_CHECKING:
    import pyarrow as pa


def read(source: str | Path, *, format: str | None = None) -> TagSet:  # noqa: A002 (the option's name)
    """Read tag rows from a file, a URL or an object store, or from standard input for ``-``.

    The format is one of `FORMATS`, and defaults to that of the file name extension. `TableError` names the
    file, the row and the field that are invalid.
    """
    name = name_of(source)
    data, table_format = read_table(source, format)
    tags = TagSet(FORMATS[table_format].decode_tag_rows(data, name), name=name)
    if len(tags) == 0:
        raise TableError("no rows", file=name)
    return tags


def write(
    tags: TagSet,
    target: str | Path,
    *,
    format: str | None = None,  # noqa: A002
    escape_formulas: bool = False,
) -> None:
    """Write tag rows atomically to a file, or to standard output for ``-``.

    See `encode` for the options.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tags.parquet"
    >>> write(TagSet.from_rows([0, 0], ["lakeside, lakeshore", "pier"], [0.75, 0.25]), path)
    >>> read(path)
    TagSet(2 rows, 1 images, 2 tags)
    """
    write_table(tags.to_columns(), target, format=format, escape_formulas=escape_formulas)


def write_table(
    table: Columns | pa.Table,
    target: str | Path,
    *,
    format: str | None = None,  # noqa: A002
    escape_formulas: bool = False,
) -> None:
    """Write a table of numbers and text atomically to a file, or to standard output for ``-``.

    See `encode` for the options.
    """
    write_bytes(encode(table, format_of(target, format), escape_formulas=escape_formulas), target)


def encode(table: Columns | pa.Table, format: str, *, escape_formulas: bool = False) -> bytes:  # noqa: A002
    """Return the content of a file with a table.

    Parameters
    ----------
    table : mapping of str to Column, or pyarrow.Table
        Columns of numbers and text.
    format : str
        One of `FORMATS`.
    escape_formulas : bool
        Whether to write an apostrophe before text that a spreadsheet would read as a formula. Only CSV files need
        it. The apostrophe changes the text and is not removed by `read`.

    Returns
    -------
    bytes
        The content of the file.

    Raises
    ------
    InputError
        If the format cannot hold the table, or formulas are to be escaped in another format than CSV.

    Examples
    --------
    >>> rows = TagSet.from_rows([0, 0], ["lakeside, lakeshore", "pier"], [0.75, 0.25])
    >>> print(encode(rows.to_columns(), "csv").decode(), end="")
    image,tag,score
    0,"lakeside, lakeshore",0.75
    0,pier,0.25
    """
    columns = columns_of(table)
    if escape_formulas:
        if format != "csv":
            raise InputError(f"formulas cannot be escaped in {format}", hint="only CSV files need it")
        columns = formulas.escape_formulas(columns)
    return FORMATS[format].encode(columns)
