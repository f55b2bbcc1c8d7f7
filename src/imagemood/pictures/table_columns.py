"""Tables that name pictures, or hold their files: Parquet, CSV and JSON lines."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.json as pjson
import pyarrow.parquet as pq

from imagemood.errors import InputError, MoodError, first_line
from imagemood.pictures import storage

_ENDINGS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
}
_BROKEN = (OSError, ValueError, KeyError, pa.ArrowException)
_ROWS_AT_ONCE = 16  # of picture files in memory


def is_table(address: str) -> bool:
    """Tell by its ending whether a file is a table.

    Parameters
    ----------
    address : str
        The file's address.

    Returns
    -------
    bool
        Whether it is one.

    Examples
    --------
    >>> is_table("s3://lists/photos.csv.gz"), is_table("photo.jpg")
    (True, False)
    """
    return _format(address) is not None


def _format(address: str) -> str | None:
    name = address.lower()
    for ending in storage.COMPRESSIONS:
        name = name.removesuffix(ending)
    return next((kind for ending, kind in _ENDINGS.items() if name.endswith(ending)), None)


def holds_files(files: list[str], column: str) -> bool:
    """Tell whether a column holds picture files, rather than their paths.

    Parameters
    ----------
    files : list of str
        Addresses of the table's files.
    column : str
        The column.

    Returns
    -------
    bool
        Whether it does: it is of bytes, or of objects with ``bytes`` among their fields.

    Raises
    ------
    InputError
        If there is no such column, or it holds something else.
    """
    schema = _schema(files[0])
    if column not in schema.names:
        known = ", ".join(schema.names)
        raise InputError(f"has no column '{column}'", where=files[0], hint=f"it has {known}")
    kind = schema.field(column).type
    if _format(files[0]) == "csv" or _is_text(kind):  # what looks like a number in CSV may be a name, too
        return False
    if _format(files[0]) == "parquet" and _is_bytes(kind):
        return True
    raise InputError(f"holds {kind}, neither paths nor picture files", where=f"{files[0]}, column '{column}'")


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        kind = kind.field("bytes").type
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def paths_of(files: list[str], column: str) -> Iterator[str]:
    """Read a column of paths.

    Parameters
    ----------
    files : list of str
        Addresses of the table's files.
    column : str
        The column.

    Yields
    ------
    str
        In the order of the table; "" where there is none.

    Raises
    ------
    InputError
        If a file breaks its format.
    """
    for address in files:
        try:
            for batch in _batches(address, column):
                yield from (path or "" for path in batch.column(0).to_pylist())
        except MoodError:
            raise
        except _BROKEN as error:
            raise _broken(address, error) from error


def rows_of(files: list[str]) -> Iterator[str]:
    """Name the rows of a table of picture files.

    Parameters
    ----------
    files : list of str
        Addresses of the table's Parquet files.

    Yields
    ------
    str
        The file's address, ``#``, and the row's number from 0.
    """
    for address in files:
        try:
            n_rows = pq.read_metadata(storage.open_file(address)).num_rows
        except MoodError:
            raise
        except _BROKEN as error:
            raise _broken(address, error) from error
        yield from (f"{address}#{row}" for row in range(n_rows))


def contents(names: list[str], column: str) -> Iterator[bytes]:
    """Read picture files out of a table.

    Parameters
    ----------
    names : list of str
        Rows as `rows_of` names them; each file is read once if its rows follow one another.
    column : str
        The column of picture files.

    Yields
    ------
    bytes
        In the order of the names; empty where a row holds none.

    Raises
    ------
    InputError
        If a file is missing or broken, or has fewer rows.
    """
    rows = [(address, int(row)) for address, _, row in (name.rpartition("#") for name in names)]
    start = 0
    while start < len(rows):
        address, first = rows[start]
        stop = start + 1
        while stop < len(rows) and rows[stop] == (address, first + stop - start):
            stop += 1
        n_found = 0
        for content in _slice(address, column, first, first + stop - start):
            n_found += 1
            yield content
        if n_found < stop - start:
            raise InputError(f"has no row {first + n_found}", where=address, hint="was it changed meanwhile?")
        start = stop


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
    except _BROKEN as error:
        raise _broken(address, error) from error


def _slice_of_group(file: pq.ParquetFile, group: int, column: str, first: int, stop: int) -> Iterator[bytes]:
    row = 0
    batches = file.iter_batches(_ROWS_AT_ONCE, row_groups=[group], columns=[column], use_threads=False)
    for batch in batches:
        if row >= stop:
            return
        wanted = batch.column(0).slice(max(0, first - row), max(0, stop - max(first, row)))
        row += len(batch)
        for value in wanted.to_pylist():
            content = value.get("bytes") if isinstance(value, dict) else value
            yield content or b""


def _schema(address: str) -> pa.Schema:
    kind = _format(address)
    file = storage.open_file(address)
    try:
        if kind == "parquet":
            return pq.read_schema(file)
        reader = pcsv.open_csv(file) if kind == "csv" else pjson.open_json(file)
        with reader:
            return reader.schema
    except _BROKEN as error:
        raise _broken(address, error) from error


def _batches(address: str, column: str) -> Iterator[pa.RecordBatch]:
    kind = _format(address)
    file = storage.open_file(address)
    if kind == "parquet":
        yield from pq.ParquetFile(file, pre_buffer=False).iter_batches(columns=[column], use_threads=False)
    elif kind == "csv":
        convert = pcsv.ConvertOptions(include_columns=[column], column_types={column: pa.string()})
        yield from pcsv.open_csv(file, pcsv.ReadOptions(use_threads=False), convert_options=convert)
    else:
        fields = pa.schema([(column, pa.string())])
        parse = pjson.ParseOptions(explicit_schema=fields, unexpected_field_behavior="ignore")
        yield from pjson.open_json(file, pjson.ReadOptions(use_threads=False), parse_options=parse)


def _broken(address: str, error: BaseException) -> InputError:
    return InputError(f"cannot be read: {first_line(error)}", where=address)
