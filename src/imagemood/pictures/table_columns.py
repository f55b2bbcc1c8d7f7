"""Tables that have the addresses of pictures, or picture files, in a column: Parquet, CSV and JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.json as pjson
import pyarrow.parquet as pq

from imagemood.errors import InputError, MoodError, first_line
from imagemood.pictures import endings, reading

_ERRORS = (OSError, ValueError, KeyError, pa.ArrowException)
_BLOCK = 16  # rows of picture files in memory


def holds_files(files: list[str], column: str) -> bool:
    """Return whether a column has picture files (bytes, or structs with a field ``bytes``) rather than addresses.

    Raises
    ------
    InputError
        If there is no such column, or it has another type.
    """
    schema = _schema(files[0])
    if column not in schema.names:
        known = ", ".join(schema.names)
        raise InputError(f"missing column '{column}'", where=files[0], hint=f"the columns are {known}")
    kind = schema.field(column).type
    file_format = endings.table_format(files[0])
    if file_format == "csv" or _is_text(kind):  # in CSV, what looks like a number may be a name, too
        return False
    if file_format == "parquet" and _is_bytes(kind):
        return True
    raise InputError(f"expected paths or picture files, not {kind}", where=f"{files[0]}, column '{column}'")


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        kind = kind.field("bytes").type
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def addresses_in(files: list[str], column: str) -> Iterator[str]:
    """Yield a column of addresses, in the order of the tables; ``""`` for a missing value."""
    for address in files:
        try:
            for batch in _batches(address, column):
                yield from (path or "" for path in batch.column(0).to_pylist())
        except MoodError:
            raise
        except _ERRORS as error:
            raise _unreadable(address, error) from error


def row_names(files: list[str]) -> Iterator[str]:
    """Yield the names of the rows of Parquet files: the address, ``#``, and the number of the row from 0."""
    for address in files:
        try:
            n_rows = pq.read_metadata(reading.open_file(address)).num_rows
        except MoodError:
            raise
        except _ERRORS as error:
            raise _unreadable(address, error) from error
        yield from (f"{address}#{row}" for row in range(n_rows))


def contents(names: list[str], column: str) -> Iterator[bytes]:
    """Yield the picture files of rows, in the order of their names; empty for a missing value.

    A table is read once if the names of its rows follow one another.

    Raises
    ------
    InputError
        If a table is missing or damaged, or has fewer rows.
    """
    rows = [(address, int(row)) for address, _, row in (name.rpartition("#") for name in names)]
    start = 0
    while start < len(rows):
        address, first = rows[start]
        stop = start + 1
        while stop < len(rows) and rows[stop] == (address, first + stop - start):
            stop += 1
        n_found = 0
        for content_ in _slice(address, column, first, first + stop - start):
            n_found += 1
            yield content_
        if n_found < stop - start:
            raise _missing_row(address, first + n_found)
        start = stop


def content(read_block: Callable[[str, int], list[bytes]], address: str, row: int) -> bytes:
    """Return the picture file of one row; `read_block` is `read_block` of this module for its column."""
    block, place = divmod(row, _BLOCK)
    found = read_block(address, block)
    if place >= len(found):
        raise _missing_row(address, row)
    return found[place]


def read_block(address: str, column: str, block: int) -> list[bytes]:
    """Return the picture files of a block of rows."""
    return list(_slice(address, column, block * _BLOCK, (block + 1) * _BLOCK))


def _missing_row(address: str, row: int) -> InputError:
    return InputError(f"missing row {row}", where=address, hint="check whether the table has changed")


def _slice(address: str, column: str, first: int, stop: int) -> Iterator[bytes]:
    try:
        with pq.ParquetFile(reading.open_file(address), pre_buffer=False) as file:
            row = 0
            for group in range(file.num_row_groups):
                n_rows = file.metadata.row_group(group).num_rows
                if row + n_rows > first and row < stop:
                    yield from _slice_of_group(file, group, column, first - row, stop - row)
                row += n_rows
    except MoodError:
        raise
    except _ERRORS as error:
        raise _unreadable(address, error) from error


def _slice_of_group(file: pq.ParquetFile, group: int, column: str, first: int, stop: int) -> Iterator[bytes]:
    row = 0
    batches = file.iter_batches(_BLOCK, row_groups=[group], columns=[column], use_threads=False)
    for batch in batches:
        if row >= stop:
            return
        wanted = batch.column(0).slice(max(0, first - row), max(0, stop - max(first, row)))
        row += len(batch)
        for value in wanted.to_pylist():
            yield (value.get("bytes") if isinstance(value, dict) else value) or b""


def _schema(address: str) -> pa.Schema:
    kind = endings.table_format(address)
    file = reading.open_file(address)
    try:
        if kind == "parquet":
            return pq.read_schema(file)
        reader = pcsv.open_csv(file) if kind == "csv" else pjson.open_json(file)
        with reader:
            return reader.schema
    except _ERRORS as error:
        raise _unreadable(address, error) from error


def _batches(address: str, column: str) -> Iterator[pa.RecordBatch]:
    kind = endings.table_format(address)
    file = reading.open_file(address)
    if kind == "parquet":
        yield from pq.ParquetFile(file, pre_buffer=False).iter_batches(columns=[column], use_threads=False)
    elif kind == "csv":
        convert = pcsv.ConvertOptions(include_columns=[column], column_types={column: pa.string()})
        yield from pcsv.open_csv(file, pcsv.ReadOptions(use_threads=False), convert_options=convert)
    else:
        fields = pa.schema([(column, pa.string())])
        parse = pjson.ParseOptions(explicit_schema=fields, unexpected_field_behavior="ignore")
        yield from pjson.open_json(file, pjson.ReadOptions(use_threads=False), parse_options=parse)


def _unreadable(address: str, error: Exception) -> InputError:
    return InputError(f"cannot be read: {first_line(error)}", where=address)
