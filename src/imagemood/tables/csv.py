"""Tag rows as CSV: read fast when all is well, and row by row to say what is not."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from imagemood.errors import TagFileError
from imagemood.tables.tag_columns import numbered
from imagemood.tables.tag_set import COLUMNS

_BOM = b"\xef\xbb\xbf"
_BEGINNING = 1 << 16
_BLOCK = 1 << 24
_AS_TEXT = pa_csv.ConvertOptions(
    include_columns=list(COLUMNS), column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=False
)
_HINT = "each row needs image, tag and score, with quotes around what holds a comma"


def decode_csv(data: bytes, name: str) -> pa.Table:
    """Parse CSV with or without a header.

    Parameters
    ----------
    data : bytes
        The file's content, UTF-8.
    name : str
        What to call the file in error messages.

    Returns
    -------
    pyarrow.Table
        Columns image (int64 where all are whole numbers, else string), tag and score (float64).

    Raises
    ------
    TagFileError
        With file, row and field.
    """
    text = data.removeprefix(_BOM)
    columns, has_header = _columns(text, name)
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(text),
            read_options=pa_csv.ReadOptions(column_names=columns, skip_rows_after_names=int(has_header)),
            parse_options=pa_csv.ParseOptions(newlines_in_values=b'"' in text),
            convert_options=_AS_TEXT,
        )
    except pa.ArrowInvalid:
        lines = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
        raise _find_fault(lines, len(columns), int(has_header), name) from None
    return pa.table(
        {
            "image": numbered(table["image"]),
            "tag": table["tag"],
            "score": _scores(table["score"], name),
        }
    )


def csv_batches(path: Path, compression: str | None, name: str) -> Iterator[pa.Table]:
    """Parse a CSV file a part at a time.

    Parameters
    ----------
    path : Path
        The file.
    compression : str, optional
        How it is compressed, by Arrow's name.
    name : str
        What to call the file in error messages.

    Yields
    ------
    pyarrow.Table
        Columns image and tag (string) and score (float64).

    Raises
    ------
    TagFileError
        With file, row and field.
    """
    n_rows = 0
    columns, has_header = list(COLUMNS), False
    try:
        with pa.input_stream(str(path), compression=compression) as beginning:
            columns, has_header = _columns(beginning.read(_BEGINNING).removeprefix(_BOM), name)
        with pa.input_stream(str(path), compression=compression) as stream:
            reader = pa_csv.open_csv(
                stream,
                read_options=pa_csv.ReadOptions(
                    column_names=columns, skip_rows_after_names=int(has_header), block_size=_BLOCK
                ),
                parse_options=pa_csv.ParseOptions(newlines_in_values=True),
                convert_options=_AS_TEXT,
            )
            for batch in reader:
                table = pa.Table.from_batches([batch])
                yield table.set_column(2, "score", _scores(table["score"], name, n_rows))
                n_rows += table.num_rows
    except pa.ArrowInvalid:
        with pa.input_stream(str(path), compression=compression) as stream:
            lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            raise _find_fault(lines, len(columns), int(has_header), name) from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or f"is not what its ending {path.suffix} says"
        raise TagFileError(f"cannot be read: {reason}", file=name) from error


def encode_csv(table: pa.Table) -> bytes:
    """Write a flat table as CSV with a header; quotes only where needed.

    Parameters
    ----------
    table : pyarrow.Table
        Columns of numbers and strings.

    Returns
    -------
    bytes
        UTF-8; numbers in the fewest digits that give them back exactly.
    """
    # pyarrow's writer quotes all strings or none, so that names with commas would force quotes on every row.
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return text.getvalue().encode()


def _columns(text: bytes, name: str) -> tuple[list[str], bool]:
    """Name the columns by the beginning of the file, and say whether it has a header."""
    if not text.strip():
        raise TagFileError("has no rows", file=name)
    header = _header(text, name)
    has_header = _is_header(header)
    columns = [field.strip().lower() for field in header] if has_header else list(COLUMNS)
    for column in COLUMNS:
        if column not in columns:
            raise TagFileError(f"no column '{column}'", file=name, hint=_HINT)
    return columns, has_header


def _header(text: bytes, name: str) -> list[str]:
    first = text.lstrip(b"\r\n").split(b"\n", 1)[0]
    try:
        return next(csv.reader([first.decode()]), [])
    except (UnicodeDecodeError, csv.Error):
        raise TagFileError("is no CSV text", file=name, hint=_HINT) from None


def _is_header(fields: list[str]) -> bool:
    """Tell a header from a first row of data: only a header has no number where the score would be."""
    names = {field.strip().lower() for field in fields}
    if set(COLUMNS) <= names:
        return True
    # A header that lacks a column should be told so, not be taken for a row.
    return len(names & set(COLUMNS)) >= 2


def _scores(column: pa.ChunkedArray, name: str, n_before: int = 0) -> pa.ChunkedArray:
    column = pc.utf8_trim_whitespace(column)
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        for row, text in enumerate(column.to_pylist(), start=n_before + 1):
            try:
                pa.scalar(text).cast(pa.float64())
            except pa.ArrowInvalid:
                reason = f"is '{text}', not a number" if text else "is missing"
                raise TagFileError(reason, file=name, row=row, field="score") from None
        raise


def _find_fault(lines: TextIO, n_fields: int, n_header_rows: int, name: str) -> TagFileError:
    """Say which row the fast parser stumbled over."""
    number = -n_header_rows
    try:
        for row in csv.reader(lines):
            number += bool(row)
            if row and len(row) != n_fields:
                reason = f"has {len(row)} fields, not {n_fields}"
                return TagFileError(reason, file=name, row=number, hint=_HINT)
    except csv.Error as error:
        return TagFileError(f"cannot be parsed: {error}", file=name, row=number + 1, hint=_HINT)
    except UnicodeDecodeError:
        pass
    return TagFileError("is no CSV text", file=name, hint=_HINT)
