"""Tag rows in parts, for files that are larger than memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from imagemood.errors import TagFileError
from imagemood.tables.csv import csv_batches
from imagemood.tables.files import format_of
from imagemood.tables.formats import read
from imagemood.tables.tag_set import COLUMNS, TagSet

_N_ROWS = 1_000_000
_STREAMED = {"": None, ".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}
"""Compressions that are undone in parts."""


def read_batches(source: str | Path, *, format: str | None = None) -> Iterator[TagSet]:  # noqa: A002
    """Read tag rows a part at a time.

    Parameters
    ----------
    source : str or Path
        What `read` takes. CSV and Parquet files are read in parts; others, and standard input, whole.
    format : str, optional
        ``csv``, ``jsonl``, ``parquet`` or ``protobuf``; by default what the file's ending says.

    Yields
    ------
    TagSet
        Rows in the order of the file; one image's rows may fall into several parts. Images are text where the file
        is CSV.

    Raises
    ------
    TagFileError
        If the file is not what it says, has no rows, or a row is not a tag row: with file, row and field.
    InputError
        If the format is not known.
    """
    kind, path, name = format_of(source, format), Path(source), str(source)
    compression = path.suffix.lower() if path.suffix.lower() in {*_STREAMED, ".xz"} else ""
    if kind == "csv" and name != "-" and compression in _STREAMED:
        tables = csv_batches(path, _STREAMED[compression], name)
    elif kind == "parquet" and name != "-" and not compression:
        tables = _parquet_batches(path, name)
    else:
        yield read(source, format=format)
        return
    n_rows = 0
    for table in tables:
        try:
            yield TagSet(table, name=name)
        except TagFileError as error:
            if error.row is None:
                raise
            raise TagFileError(error.what, file=name, row=n_rows + error.row, field=error.field) from None
        n_rows += table.num_rows
    if n_rows == 0:
        raise TagFileError("has no rows", file=name)


def _parquet_batches(path: Path, name: str) -> Iterator[pa.Table]:
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            for column in COLUMNS:
                if column not in file.schema_arrow.names:
                    raise TagFileError(f"no column '{column}'", file=name, hint="it needs image, tag and score")
            for batch in file.iter_batches(_N_ROWS, columns=list(COLUMNS), use_threads=False):
                yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as error:
        reason = getattr(error, "strerror", None)
        raise TagFileError(f"cannot be read: {reason}" if reason else "is no Parquet file", file=name) from error
