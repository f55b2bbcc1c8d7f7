"""Reads the moods of pictures from a file of `classify` or the web page, or from a dataset of `bulk`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from imagemood import _extras
from imagemood.errors import InputError, TableError

T = TypeVar("T")
Moods = dict[str, float]
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
    if table_format == "jsonl":
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
    from imagemood.pictures import addresses
    from imagemood.pictures.names import unescape

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


def _csv_rows(content: bytes, name: str) -> Iterator[dict[str, Any]]:
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig", errors="replace"), newline=""))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise TableError(f"missing column '{missing[0]}'", file=name, hint="write it with imagemood classify")
    try:
        yield from reader
    except csv.Error as error:
        raise TableError(f"cannot be parsed: {error}", file=name, row=reader.line_num) from None


def _parquet_rows(content: bytes, name: str) -> Iterator[dict[str, Any]]:
    with _extras.needs("tables"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    try:
        yield from pq.read_table(pa.BufferReader(content), columns=list(_COLUMNS)).to_pylist()
    except (OSError, ValueError, pa.ArrowException) as error:
        raise TableError(f"not a Parquet file with the columns {', '.join(_COLUMNS)}", file=name) from error


def _grouped(rows: Iterable[dict[str, Any]], name: str) -> Iterator[tuple[str, Moods]]:
    """Yield the moods of each picture, whose rows may be anywhere."""
    found: dict[str, Moods] = {}
    for number, row in enumerate(rows, start=1):
        image, mood, probability = (row[column] for column in _COLUMNS)
        try:
            found.setdefault(image, {})[mood] = float(probability)
        except (TypeError, ValueError):
            raise TableError(
                f"'{probability}' is not a number", file=name, row=number, field="probability"
            ) from None
    yield from found.items()
