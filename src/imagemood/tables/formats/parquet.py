"""Parquet."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood import _extras
from imagemood.errors import TableError
from imagemood.pictures.finding.table_headers import check_unique
from imagemood.tables.table_format import TAG_ROW_COLUMNS, TableFormat

if TYPE_CHECKING:
    import pyarrow as pa

    from imagemood.tables.column_table import Columns

_ROWS_PER_BATCH = 1_000_000


def _decode_tag_rows(data: bytes, name: str) -> pa.Table:
    with _extras.needs("tables"):
        import pyarrow as pa

    try:
        table = decode_table(data)
        names = table.column_names
        for column in TAG_ROW_COLUMNS:
            check_unique(names, column, name)
        return table.select([column for column in TAG_ROW_COLUMNS if column in names])
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise TableError("not a valid Parquet file", file=name) from error


def decode_table(data: bytes) -> pa.Table:
    """Return a table; raise errors of pyarrow, `OSError` or `UnicodeDecodeError` if it is not valid."""
    with _extras.needs("tables"):
        import pyarrow as pa
        import pyarrow.parquet as pq

    # One of Arrow's own threads sometimes outlives a process that ends soon, and aborts it (apache/arrow 34314).
    table = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False).read(use_threads=False)
    table.validate(full=True)  # text must be valid UTF-8
    return table


def _read_tag_row_batches(path: Path) -> Iterator[pa.Table] | None:
    from imagemood.tables.compression import compression_of

    return None if compression_of(path) else _batches(path)


def _batches(path: Path) -> Iterator[pa.Table]:
    with _extras.needs("tables"):
        import pyarrow as pa
        import pyarrow.parquet as pq

    try:
        with pa.OSFile(os.fsencode(path)) as source, pq.ParquetFile(source, pre_buffer=False) as file:
            for column in TAG_ROW_COLUMNS:
                if column not in file.schema_arrow.names:
                    raise TableError(f"missing column '{column}'", file=str(path), hint="add the column")
                check_unique(file.schema_arrow.names, column, str(path))
            for batch in file.iter_batches(_ROWS_PER_BATCH, columns=list(TAG_ROW_COLUMNS), use_threads=False):
                batch.validate(full=True)
                yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None)
        what = f"cannot be read: {reason}" if reason else "not a valid Parquet file"
        raise TableError(what, file=str(path)) from error


def _encode(table: Columns) -> bytes:
    from imagemood.tables.column_table import to_arrow

    converted = to_arrow(table)
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(converted, sink, compression="zstd")
    return sink.getvalue()


FORMAT = TableFormat(
    name="parquet",
    extensions=(".parquet", ".pq"),
    description="",
    encode=_encode,
    decode_tag_rows=_decode_tag_rows,
    decode_table=decode_table,
    read_tag_row_batches=_read_tag_row_batches,
)
