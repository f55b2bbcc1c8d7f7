"""Reads addresses of pictures from CSV and JSON lines; a row that cannot be parsed does not affect the others."""

from __future__ import annotations

import codecs
import io
import itertools
from collections import deque
from collections.abc import Iterator

import msgspec

from imagemood import _extras
from imagemood.errors import TableError
from imagemood.pictures.finding import table_readers
from imagemood.pictures.finding.listing import OnError
from imagemood.pictures.finding.table_headers import check_encoding
from imagemood.pictures.finding.table_values import texts
from imagemood.pictures.reading import addresses, storage

with _extras.needs("tables"):
    import pyarrow as pa
    import pyarrow.csv as pcsv

_BLOCK_BYTES = 1 << 25  # a row must not be longer
_BUFFER_BYTES = 1 << 20
_MAX_SKIPPED_BLOCKS = 4  # of a line that is too long, until the rest of the file is not read
_N_LINES_FOR_COLUMNS = 1000
_N_BYTES_FOR_ENCODING = 16


def check_column(address: str, column: str) -> None:
    """Raise an `InputError` if a CSV or JSON lines file is in UTF-16, or does not have one column of this name."""
    with storage.open_file(address) as file:
        check_encoding(file.read(_N_BYTES_FOR_ENCODING), address)
    if addresses.table_format(address) == "csv":
        with pcsv.open_csv(storage.open_file(address), _csv_options(), _csv_format(deque())) as reader:
            table_readers.check_column(reader.schema.names, column, address)
        return
    lines = itertools.islice(_parsed_lines(address, lambda _: None), _N_LINES_FOR_COLUMNS)
    names = dict.fromkeys(name for _, fields in lines for name in fields)
    if names:
        table_readers.check_column(list(names), column, address)


def addresses_in(address: str, column: str, on_error: OnError) -> Iterator[tuple[int, str]]:
    """Yield the addresses in a column of a CSV or JSON lines file, ``""`` for a missing one, and their numbers.

    Rows are counted from 1, without the header of CSV, but with blank lines of JSON lines. Those that cannot be
    parsed are reported to `on_error`.
    """
    if addresses.table_format(address) == "csv":
        yield from _csv_addresses(address, column, on_error)
        return
    for number, fields in _parsed_lines(address, on_error):
        value = fields.get(column)
        if isinstance(value, str) or value is None:
            yield number, value or ""
        else:
            kind = {bool: "a truth value", int: "a number", float: "a number", list: "a list"}.get(
                type(value), "an object"
            )
            on_error(TableError(f"expected a path or URL, not {kind}", file=address, row=number, field=column))


def _csv_addresses(address: str, column: str, on_error: OnError) -> Iterator[tuple[int, str]]:
    invalid: deque[pcsv.InvalidRow] = deque()  # those of the next rows
    number = 0
    with _open_csv(address, column, invalid) as reader:
        for batch in reader:
            for text in texts(batch.column(0)):
                number += 1
                while invalid and invalid[0].number == number + 1:  # which counts the header
                    on_error(_wrong_number_of_fields(invalid.popleft(), address))
                    number += 1
                yield number, text
    for row in invalid:
        on_error(_wrong_number_of_fields(row, address))


def _wrong_number_of_fields(row: pcsv.InvalidRow, address: str) -> TableError:
    what = f"wrong number of fields: {row.actual_columns} instead of {row.expected_columns}"
    return TableError(what, file=address, row=row.number - 1, hint="put quotes around text with a comma")


def _open_csv(address: str, column: str, invalid: deque[pcsv.InvalidRow]) -> pcsv.CSVStreamingReader:
    # Bytes, because the name of a file need not be valid text.
    convert = pcsv.ConvertOptions(include_columns=[column], column_types={column: pa.binary()})
    return pcsv.open_csv(storage.open_file(address), _csv_options(), _csv_format(invalid), convert)


def _csv_options() -> pcsv.ReadOptions:
    return pcsv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False)


def _csv_format(invalid: deque[pcsv.InvalidRow]) -> pcsv.ParseOptions:
    def skip(row: pcsv.InvalidRow) -> str:
        invalid.append(row)
        return "skip"

    return pcsv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip)


def _parsed_lines(address: str, on_error: OnError) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the number and the object of each JSON line; report lines that are not objects."""
    with io.BufferedReader(storage.open_file(address), _BUFFER_BYTES) as file:
        for number in itertools.count(1):
            line = file.readline(_BLOCK_BYTES)
            if not line:
                return
            if _is_incomplete(line):
                on_error(TableError(f"longer than {_BLOCK_BYTES:,} bytes", file=address, row=number))
                if not any(not _is_incomplete(file.readline(_BLOCK_BYTES)) for _ in range(_MAX_SKIPPED_BLOCKS)):
                    return
                continue
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            if not line.strip():
                continue
            try:
                yield number, msgspec.json.decode(line, type=dict[str, object])
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                on_error(TableError(f"not a JSON object: {error}", file=address, row=number))


def _is_incomplete(line: bytes) -> bool:
    return len(line) == _BLOCK_BYTES and not line.endswith(b"\n")
