"""Reads the moods of pictures from a file of `classify` or the web page, or from a dataset of `bulk`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from imagemood import _extras
from imagemood.errors import InputError, TableError

T = TypeVar("T")
Moods = dict[str, float]
Row = Sequence[Any]  # an image, a mood and a probability
_COLUMNS = ("image", "mood", "probability")


def read_moods(source: str) -> Iterator[tuple[str, Moods]]:
    """Yield the name of each picture and the probabilities of its moods; pictures that failed are left out.

    Raises
    ------
    InputError
        If there are no moods.
    """
    if Path(source).is_dir():
        yield from _dataset_moods(source)
        return
    from imagemood.tables.files import name_of, read_table
    from imagemood.tables.formats import TABLE_FORMATS

    content, table_format = read_table(source, formats=TABLE_FORMATS)
    name = name_of(source)
    if table_format == "jsonl" or content.lstrip().startswith(b"{"):  # such as on standard input
        yield from _json_moods(content, name)
    elif table_format == "csv":
        yield from _grouped(_csv_rows(content, name), name)
    elif table_format == "parquet":
        yield from _grouped(_parquet_rows(content, name), name)
    else:
        raise InputError(f"moods cannot be read from {table_format}", where=name, hint="use JSON, CSV or Parquet")


def _dataset_moods(source: str) -> Iterator[tuple[str, Moods]]:
    _extras.require("tables")
    from imagemood.bulk.search import open_dataset
    from imagemood.pictures.names import unescape
    from imagemood.pictures.reading import addresses

    opened = open_dataset(source)
    if opened is None:
        raise InputError("not a dataset of moods", where=source, hint="write one with imagemood bulk")
    dataset, info = opened
    if info.names_are_rows:
        raise InputError("the pictures of this dataset are no files", where=source)
    for table in dataset.read_tables(["path", *info.labels]):
        for row in table.to_pylist():
            path = addresses.absolute(unescape(info.folder), row.pop("path"))
            if None not in row.values():
                yield path, row


def _json_moods(content: bytes, name: str) -> Iterator[tuple[str, Moods]]:
    """Yield the moods of the objects on the lines, or of the results in one response of the service."""
    import msgspec

    class Record(msgspec.Struct):
        image: str
        moods: Moods | None = None

    results = _results_of_response(content)
    if results is not None:
        records: Iterable[Record] = _decoded(results, list[Record], name)
    else:
        lines = enumerate(content.splitlines(), start=1)
        records = (_decoded(line, Record, name, row) for row, line in lines if line.strip())
    for record in records:
        if record.moods:
            yield record.image, record.moods


def _decoded(content: bytes, schema: type[T], name: str, row: int | None = None) -> T:
    from imagemood.tables.json_schema import SchemaError, decode_json

    try:
        return decode_json(content, schema)
    except SchemaError as error:
        raise TableError(error.what, file=name, row=row, field=error.field) from None


def _results_of_response(content: bytes) -> bytes | None:
    """Return the field `results` of a single JSON object."""
    import msgspec

    from imagemood.tables.json_schema import SchemaError, decode_json

    try:
        results = decode_json(content, dict[str, msgspec.Raw]).get("results")
    except SchemaError:
        return None
    return None if results is None else bytes(results)


def _csv_rows(content: bytes, name: str) -> Iterator[Row]:
    from imagemood.pictures.finding.table_headers import UTF_8_HINT, check_encoding, check_separator
    from imagemood.tables.csv_layout import lines_of

    check_encoding(content, name)
    rows = filter(None, csv.reader(lines_of(io.BytesIO(content))))
    number = 0
    try:
        header = next(rows, [])
        if len(header) == 1:
            check_separator(header[0], _COLUMNS, name)
        _check_columns(header, name)
        positions = [header.index(column) for column in _COLUMNS]
        for number, row in enumerate(rows, start=1):
            if len(row) != len(header):
                what = f"wrong number of fields: {len(row)} instead of {len(header)}"
                raise TableError(what, file=name, row=number)
            yield [row[position] for position in positions]
    except csv.Error as error:
        raise TableError(f"cannot be parsed: {error}", file=name, row=number + 1) from None
    except UnicodeDecodeError:
        raise TableError("not valid UTF-8 text", file=name, hint=UTF_8_HINT) from None


def _parquet_rows(content: bytes, name: str) -> Iterator[Row]:
    with _extras.needs("tables"):
        import pyarrow as pa
    from imagemood.tables.formats.parquet import decode_table

    try:
        table = decode_table(content)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise TableError("not a valid Parquet file", file=name) from error
    _check_columns(table.column_names, name)
    yield from zip(*(table[column].to_pylist() for column in _COLUMNS), strict=True)


def _check_columns(names: Sequence[str], file: str) -> None:
    from imagemood.pictures.finding.table_headers import check_unique

    for column in _COLUMNS:
        if column not in names:
            raise TableError(f"missing column '{column}'", file=file, hint="write it with imagemood classify")
        check_unique(names, column, file)


def _grouped(rows: Iterable[Row], name: str) -> Iterator[tuple[str, Moods]]:
    """Yield the moods of each picture, whose rows may be anywhere."""
    from imagemood.tables.scores import MAX_SCORE

    found: dict[str, Moods] = {}
    for number, row in enumerate(rows, start=1):
        for column, value in zip(_COLUMNS, row, strict=True):
            if value in (None, ""):
                raise TableError("missing value", file=name, row=number, field=column)
        image, mood, text = row
        try:
            probability = float(text)
        except (TypeError, ValueError):
            raise TableError(f"'{text}' is not a number", file=name, row=number, field="probability") from None
        if not 0 <= probability <= MAX_SCORE:  # such as a percentage
            what = f"{probability} is not a number from 0 to 1"
            raise TableError(what, file=name, row=number, field="probability")
        found.setdefault(str(image), {})[str(mood)] = probability
    yield from found.items()
