"""Reads and writes tables in each format."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from imagemood.errors import TableError
from imagemood.tables.files import format_of, name_of, read_bytes, write_bytes
from imagemood.tables.formats import FORMATS
from imagemood.tables.tag_set import TagSet


def read(source: str | Path, *, format: str | None = None) -> TagSet:  # noqa: A002 (the option's name)
    """Read tag rows from a file, or from standard input for ``-``.

    The format is one of `FORMATS`, and defaults to that of the file name extension. `TableError` names the
    file, the row and the field that are invalid.
    """
    name = name_of(source)
    table = FORMATS[format_of(source, format)].decode_tag_rows(read_bytes(source), name)
    if table.num_rows == 0:
        raise TableError("no rows", file=name)
    return TagSet(table, name=name)


def write(tags: TagSet, target: str | Path, *, format: str | None = None) -> None:  # noqa: A002
    """Write tag rows atomically to a file, or to standard output for ``-``.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tags.parquet"
    >>> write(TagSet.from_rows([0, 0], ["lakeside, lakeshore", "pier"], [0.75, 0.25]), path)
    >>> read(path)
    TagSet(2 rows, 1 images, 2 tags)
    """
    write_table(tags.table, target, format=format)


def write_table(table: pa.Table, target: str | Path, *, format: str | None = None) -> None:  # noqa: A002
    """Write a table of numbers and text atomically to a file, or to standard output for ``-``."""
    write_bytes(encode(table, format_of(target, format)), target)


def encode(table: pa.Table, format: str) -> bytes:  # noqa: A002
    """Return the content of a file with a table; raise `InputError` if the format cannot hold the table.

    Examples
    --------
    >>> rows = TagSet.from_rows([0, 0], ["lakeside, lakeshore", "pier"], [0.75, 0.25])
    >>> print(encode(rows.table, "csv").decode(), end="")
    image,tag,score
    0,"lakeside, lakeshore",0.75
    0,pier,0.25
    """
    return FORMATS[format].encode(table)
