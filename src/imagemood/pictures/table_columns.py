"""Reads a column of picture addresses from Parquet, CSV and JSON lines, or of picture files from Parquet."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import lru_cache

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.json as pjson
import pyarrow.parquet as pq

from imagemood.errors import InputError, MoodError, first_line
from imagemood.pictures import addresses, storage

_ERRORS = (OSError, ValueError, KeyError, pa.ArrowException)
_CSV = pcsv.ParseOptions(newlines_in_values=True)
_BLOCK = 16  # rows of picture files in memory


def holds_files(files: list[str], column: str) -> bool:
    """Return whether a column holds picture files (bytes, or structs with a field ``bytes``), not addresses.

    Raises
    ------
    InputError
        If the column is missing or has another type.
    """
    schema = _schema(files[0])
    if column not in schema.names:
        known = ", ".join(schema.names)
        raise InputError(f"missing column '{column}'", where=files[0], hint=f"the columns are {known}")
    kind = schema.field(column).type
    file_format = addresses.table_format(files[0])
    if file_format == "csv" or _is_text(kind):  # names in a CSV file may look like numbers
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
    """Yield the addresses in a column of several tables, in order; ``""`` for a missing value."""
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
            n_rows = pq.read_metadata(storage.open_file(address)).num_rows
        except MoodError:
            raise
        except _ERRORS as error:
            raise _unreadable(address, error) from error
        yield from (f"{address}#{row}" for row in range(n_rows))


def contents(names: list[str], column: str) -> Iterator[bytes]:
    """Yield the picture files of rows, in the order of their names; ``b""`` for a missing value.

    Consecutive rows are read together, so that a table is read only once if all names are in its order.

    Raises
    ------
    InputError
        If a table is missing or damaged, or has fewer rows.
    """
    rows = [(address, int(row)) for address, _, row in (name.rpartition("#") for name in names)]
    # The difference between the row and its position in the list is the same for all rows of a run.
    for (address, _), run in itertools.groupby(enumerate(rows), lambda item: (item[1][0], item[1][1] - item[0])):
        numbers = [row for _, (_, row) in run]
        n_found = 0
        for content in _slice(address, column, numbers[0], numbers[-1] + 1):
            n_found += 1
            yield content
        if n_found < len(numbers):
            raise _missing_row(address, numbers[n_found])


def row_reader(column: str) -> Callable[[str, int], bytes]:
    """Return a function that reads one picture file, from the address of a table and the number of the row.

    Rows are read in blocks, and the last eight blocks are kept, because most rows are requested in order.
    """
    cached_block = lru_cache(maxsize=8)(lambda address, block: read_block(address, column, block))

    def read_row(address: str, row: int) -> bytes:
        block, position = divmod(row, _BLOCK)
        found = cached_block(address, block)
        if position >= len(found):
            raise _missing_row(address, row)
        return found[position]

    return read_row


def read_block(address: str, column: str, block: int) -> list[bytes]:
    """Return the picture files of a block of rows."""
    return list(_slice(address, column, block * _BLOCK, (block + 1) * _BLOCK))


def _missing_row(address: str, row: int) -> InputError:
    return InputError(f"missing row {row}", where=address, hint="check whether the table has changed")


def _slice(address: str, column: str, first: int, stop: int) -> Iterator[bytes]:
    try:
        with pq.ParquetFile(storage.open_file(address), pre_buffer=False) as file:
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
    kind = addresses.table_format(address)
    file = storage.open_file(address)
    try:
        if kind == "parquet":
            return pq.read_schema(file)
        reader = pcsv.open_csv(file, parse_options=_CSV) if kind == "csv" else pjson.open_json(file)
        with reader:
            return reader.schema
    except _ERRORS as error:
        raise _unreadable(address, error) from error


def _batches(address: str, column: str) -> Iterator[pa.RecordBatch]:
    kind = addresses.table_format(address)
    file = storage.open_file(address)
    if kind == "parquet":
        yield from pq.ParquetFile(file, pre_buffer=False).iter_batches(columns=[column], use_threads=False)
    elif kind == "csv":
        convert = pcsv.ConvertOptions(include_columns=[column], column_types={column: pa.string()})
        yield from pcsv.open_csv(file, pcsv.ReadOptions(use_threads=False), _CSV, convert)
    else:
        fields = pa.schema([(column, pa.string())])
        parse = pjson.ParseOptions(explicit_schema=fields, unexpected_field_behavior="ignore")
        yield from pjson.open_json(file, pjson.ReadOptions(use_threads=False), parse)


def _unreadable(address: str, error: Exception) -> InputError:
    return InputError(f"cannot be read: {first_line(error)}", where=address)
