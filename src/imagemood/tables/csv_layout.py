"""The layout of CSV files, and the rows in which they do not follow it."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO, NamedTuple, TextIO

from imagemood.errors import TableError
from imagemood.pictures.finding.table_headers import UTF_8_HINT, check_encoding, check_separator, check_unique
from imagemood.tables.table_format import TAG_ROW_COLUMNS

_HINT = "each row needs image, tag and score; put quotes around text with a comma"


class Layout(NamedTuple):
    """The names of the columns, and what precedes the first row of data."""

    columns: list[str]
    n_blank_lines: int
    has_header: bool


def layout_of(text: bytes, name: str) -> Layout:
    """Return the layout of a file that begins with `text`."""
    if not text.strip():
        raise TableError("no rows", file=name)
    start = len(text) - len(text.lstrip(b"\r\n"))
    n_blank_lines = len(text[:start].splitlines())
    try:
        fields = next(csv.reader(lines_of(io.BytesIO(text[start:]), errors="replace")), [])
    except csv.Error:
        raise TableError("not valid CSV text", file=name, hint=_HINT) from None
    check_encoding(text, name)
    if len(fields) == 1:
        check_separator(fields[0], TAG_ROW_COLUMNS, name)
    names = [field.strip().lower() for field in fields]
    # Two known names make a header, so that a missing column is not taken for an invalid first row.
    has_header = len(set(names) & set(TAG_ROW_COLUMNS)) >= 2
    columns = names if has_header else list(TAG_ROW_COLUMNS)
    for column in TAG_ROW_COLUMNS:
        if column not in columns:
            raise TableError(f"missing column '{column}'", file=name, hint=_HINT)
        check_unique(columns, column, name)
    return Layout(columns, n_blank_lines, has_header)


def lines_of(stream: BinaryIO, errors: str = "strict") -> TextIO:
    """Return the text of a file, for the reader of the module csv."""
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors=errors, newline="")


def find_error(lines: TextIO, layout: Layout, name: str) -> TableError:
    """Return the error of a file that cannot be parsed, which names the first row that differs from the layout."""
    number, n_fields = -layout.has_header, len(layout.columns)
    try:
        for row in csv.reader(lines):
            number += bool(row)
            if row and len(row) != n_fields:
                return TableError(
                    f"wrong number of fields: {len(row)} instead of {n_fields}", file=name, row=number, hint=_HINT
                )
    except csv.Error as error:
        return TableError(f"cannot be parsed: {error}", file=name, row=number + 1, hint=_HINT)
    except UnicodeDecodeError:
        return TableError("not valid UTF-8 text", file=name, hint=UTF_8_HINT)
    return TableError("not valid CSV text", file=name, hint=_HINT)
