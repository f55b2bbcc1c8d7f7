"""Reads a column of Parquet and Arrow tables in parts, also of tables that are damaged or hostile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from imagemood import _extras
from imagemood.errors import InputError, MoodError, first_line
from imagemood.pictures.finding.table_headers import check_separator, check_unique
from imagemood.pictures.reading import addresses, storage

with _extras.needs("tables"):
    import pyarrow as pa
    import pyarrow.parquet as pq

ERRORS = (OSError, ValueError, KeyError, IndexError, OverflowError, MemoryError, pa.ArrowException)
"""The errors of pyarrow for damaged tables."""
_BUFFER_BYTES = 1 << 22  # of Parquet, whose column chunks may be very large
_ROWS_PER_BATCH = 1024  # of addresses
_MAX_COLUMNS_SHOWN = 20
_MIN_ROWS = 100_000  # that any table may have
_MAX_ROWS_PER_BYTE = 10  # of the file, so that a small file cannot stand for billions of rows
_MIN_DECOMPRESSED_BYTES = 1 << 28  # that any row group of Parquet may have
_MAX_COMPRESSION = 1000  # of a row group, compared with the size of the file


@contextmanager
def reported_errors(address: str) -> Iterator[None]:
    """Convert the errors of pyarrow to an `InputError` that names the table."""
    try:
        yield
    except MoodError:
        raise
    except ERRORS as error:
        raise unreadable(address, error) from error


def unreadable(address: str, error: Exception) -> InputError:
    """Return the error of a table that cannot be read."""
    reason = "not enough memory" if isinstance(error, MemoryError) else first_line(error)
    return InputError(f"cannot be read: {reason}", where=address)


def column_type(address: str, column: str) -> pa.DataType:
    """Return the type of a column of a Parquet or Arrow table; raise an `InputError` if it is missing."""
    with reported_errors(address):
        if addresses.table_format(address) == "arrow":
            with _open_arrow(address) as reader:
                schema = reader.schema
        else:
            schema = pq.read_schema(storage.open_file(address))
        check_column(schema.names, column, address)
        return schema.field(column).type


def check_column(names: list[str], column: str, address: str) -> None:
    """Raise an `InputError` unless exactly one of the columns of a table has this name."""
    check_unique(names, column, address)
    if column in names:
        return
    if len(names) == 1:
        check_separator(names[0], {column.lower()}, address)
    known = ", ".join(names[:_MAX_COLUMNS_SHOWN])
    n_more = len(names) - _MAX_COLUMNS_SHOWN
    known += f" and {n_more:,} more" if n_more > 0 else ""
    raise InputError(f"missing column '{column}'", where=address, hint=f"the columns are {known}")


def address_columns(address: str, column: str) -> Iterator[pa.Array]:
    """Yield a column of addresses of a Parquet or Arrow table in parts."""
    with reported_errors(address):
        if addresses.table_format(address) == "arrow":
            for batch in _arrow_batches(address, column):
                for start in range(0, len(batch), _ROWS_PER_BATCH):  # a few bytes may stand for billions of rows
                    yield batch.column(0).slice(start, _ROWS_PER_BATCH)
            return
        # As a dictionary, a long value that a small file repeats is in memory only once.
        file = storage.open_file(address)
        with pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER_BYTES, read_dictionary=[column]) as reader:
            for batch in reader.iter_batches(_ROWS_PER_BATCH, columns=[column], use_threads=False):
                yield batch.column(batch.schema.get_field_index(column))


@dataclass(frozen=True)
class Section:
    """Consecutive rows of a table that are read together: a row group of Parquet, or a batch of Arrow."""

    first: int
    n_rows: int
    values: Iterator[pa.Scalar]


def n_rows(address: str) -> int:
    """Return the number of rows of a table of picture files."""
    with reported_errors(address):
        if addresses.table_format(address) == "arrow":
            with _open_arrow(address) as reader:
                n_found = sum(len(batch) for batch in _batches_of(reader))
            check_n_rows(n_found, address)
            return n_found
        metadata = pq.read_metadata(storage.open_file(address))
        groups = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
        if min(groups, default=0) < 0 or sum(groups) != metadata.num_rows:
            raise InputError("cannot be read: the numbers of rows are inconsistent", where=address)
        check_n_rows(metadata.num_rows, address)
        return int(metadata.num_rows)


def sections(address: str, column: str, start: int) -> Iterator[Section]:
    """Yield the sections of a table of picture files from the one that contains the row `start`.

    The values of each section begin with its first row, or with `start`. This iterator raises errors, and those of
    the values do, after which the next section can still be read.
    """
    if addresses.table_format(address) == "arrow":
        first = 0
        for batch in _arrow_batches(address, column):
            if first + len(batch) > start:
                skipped = max(0, start - first)
                yield Section(first + skipped, len(batch) - skipped, iter(batch.column(0)[skipped:]))
            first += len(batch)
        return
    with pq.ParquetFile(storage.open_file(address), pre_buffer=False, buffer_size=_BUFFER_BYTES) as file:
        first = 0
        for group in range(file.metadata.num_row_groups):
            metadata = file.metadata.row_group(group)
            if first + metadata.num_rows > start:
                _check_compression(metadata.total_byte_size, address)
                skipped = max(0, start - first)
                values = _parquet_values(file, group, column, skipped)
                yield Section(first + skipped, metadata.num_rows - skipped, values)
            first += metadata.num_rows


def _parquet_values(file: pq.ParquetFile, group: int, column: str, n_skipped: int) -> Iterator[pa.Scalar]:
    # One row at a time, because a small file may repeat a large value. The metadata of column chunks are not
    # examined, because pyarrow aborts the process if they are damaged.
    for batch in file.iter_batches(1, row_groups=[group], columns=[column], use_threads=False):
        values = batch.column(batch.schema.get_field_index(column))
        if n_skipped < len(values):
            yield from values[n_skipped:]
        n_skipped = max(0, n_skipped - len(values))


@contextmanager
def _open_arrow(address: str) -> Iterator[pa.RecordBatchReader | pa.ipc.RecordBatchFileReader]:
    """Open a file in one of the two formats of Arrow; `datasets` writes streams."""
    file = storage.map_file(address)
    is_file = file.read(6) == b"ARROW1"
    file.seek(0)
    with pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file) as reader:
        yield reader


def _batches_of(reader: pa.RecordBatchReader | pa.ipc.RecordBatchFileReader) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.ipc.RecordBatchFileReader):
        yield from (reader.get_batch(number) for number in range(reader.num_record_batches))
    else:
        yield from reader


def _arrow_batches(address: str, column: str) -> Iterator[pa.RecordBatch]:
    with _open_arrow(address) as reader:
        for batch in _batches_of(reader):
            selected = batch.select([column])
            selected.validate(full=True)  # Arrow itself does not check offsets
            yield selected


def _check_compression(n_bytes: int, address: str) -> None:
    if n_bytes > _MIN_DECOMPRESSED_BYTES and n_bytes > _MAX_COMPRESSION * (n_compressed := storage.size(address)):
        raise InputError(f"{n_compressed:,} bytes would be decompressed to {n_bytes:,}", where=address)


def check_n_rows(n_found: int, address: str) -> None:
    """Raise an `InputError` if a table has far more rows than the size of its file suggests."""
    if n_found > _MIN_ROWS and n_found > (maximum := _MAX_ROWS_PER_BYTE * storage.size(address)):
        what = f"has {n_found:,} rows or more, but its size suggests {max(_MIN_ROWS, maximum):,} at most"
        raise InputError(what, where=address)
