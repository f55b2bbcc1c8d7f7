"""CSV, parsed by pyarrow. If that fails, the file is parsed again row by row to locate the error."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TextIO

from imagemood.errors import TableError
from imagemood.tables.table_format import TAG_ROW_COLUMNS, TableFormat

if TYPE_CHECKING:
    import pyarrow as pa

_BOM = b"\xef\xbb\xbf"
_BYTES_FOR_HEADER = 1 << 16
_BLOCK_BYTES = 1 << 24
_HINT = "each row needs image, tag and score; put quotes around text with a comma"


def _decode_tag_rows(data: bytes, name: str) -> pa.Table:
    """Parse CSV with or without a header; images are integers if all of them are."""
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    from imagemood.tables.columns import integers_if_possible

    text = data.removeprefix(_BOM)
    layout = _layout(text, name)
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(text),
            read_options=layout.read_options(),
            parse_options=pa_csv.ParseOptions(newlines_in_values=b'"' in text),
            convert_options=_as_text(),
        )
    except pa.ArrowInvalid:
        raise _find_error(_lines(io.BytesIO(text)), layout, name) from None
    scores = _scores(table["score"], name)
    return pa.table({"image": integers_if_possible(table["image"]), "tag": table["tag"], "score": scores})


def _read_tag_row_batches(path: Path) -> Iterator[pa.Table] | None:
    from imagemood.tables.compression import compression_of

    compression = compression_of(path)
    if compression is None:
        return _batches(path, None)
    return None if compression.arrow_name is None else _batches(path, compression.arrow_name)


def _batches(path: Path, compression: str | None) -> Iterator[pa.Table]:
    """Parse a file in parts, with the images as text."""
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    name, n_rows, layout = str(path), 0, _Layout(list(TAG_ROW_COLUMNS), 0, False)
    try:
        with _open(path, compression) as stream:
            layout = _layout(stream.read(_BYTES_FOR_HEADER).removeprefix(_BOM), name)
        with _open(path, compression) as stream:
            reader = pa_csv.open_csv(
                stream,
                read_options=layout.read_options(block_size=_BLOCK_BYTES),
                parse_options=pa_csv.ParseOptions(newlines_in_values=True),
                convert_options=_as_text(),
            )
            for batch in reader:
                table = pa.Table.from_batches([batch])
                yield table.set_column(2, "score", _scores(table["score"], name, n_rows))
                n_rows += table.num_rows
    except pa.ArrowInvalid:
        with _open(path, compression) as stream:
            raise _find_error(_lines(stream), layout, name) from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None)
        what = f"cannot be read: {reason}" if reason else f"not a valid {path.suffix} file"
        raise TableError(what, file=name) from error


def _open(path: Path, compression: str | None) -> pa.NativeFile:
    import pyarrow as pa

    return pa.input_stream(pa.OSFile(os.fsencode(path)), compression=compression)


def _encode(table: pa.Table) -> bytes:
    import csv  # quotes only text that needs it, while pyarrow quotes either all text or none

    import pyarrow as pa
    import pyarrow.compute as pc

    text = io.StringIO()
    text_columns = [column for column in table.columns if pa.types.is_string(column.type)]
    # Before Python 3.13, csv does not quote carriage returns, at which readers would end the row.
    has_returns = any(pc.any(pc.match_substring(column, "\r")).as_py() for column in text_columns)
    has_returns = has_returns or any("\r" in name for name in table.column_names)
    writer = csv.writer(
        text, quoting=csv.QUOTE_NONNUMERIC if has_returns else csv.QUOTE_MINIMAL, lineterminator="\n"
    )
    writer.writerow(table.column_names)
    writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return text.getvalue().encode()


def _decode_table(data: bytes) -> pa.Table:
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    text = data.removeprefix(_BOM)
    return pa_csv.read_csv(
        pa.BufferReader(text),
        parse_options=pa_csv.ParseOptions(newlines_in_values=b'"' in text),
        convert_options=pa_csv.ConvertOptions(column_types={"image": pa.string()}),
    )


def _as_text() -> Any:
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    return pa_csv.ConvertOptions(
        include_columns=list(TAG_ROW_COLUMNS),
        column_types=dict.fromkeys(TAG_ROW_COLUMNS, pa.string()),
        strings_can_be_null=False,
    )


class _Layout(NamedTuple):
    """The names of the columns, and what precedes the first row of data."""

    columns: list[str]
    n_blank_lines: int
    has_header: bool

    def read_options(self, **options: int) -> Any:
        import pyarrow.csv as pa_csv

        n_skipped = self.n_blank_lines + self.has_header
        return pa_csv.ReadOptions(column_names=self.columns, skip_rows=n_skipped, **options)


def _layout(text: bytes, name: str) -> _Layout:
    """Return the layout of a file that begins with `text`."""
    import csv

    if not text.strip():
        raise TableError("no rows", file=name)
    start = len(text) - len(text.lstrip(b"\r\n"))
    n_blank_lines = len(text[:start].splitlines())
    try:
        fields = next(csv.reader(_lines(io.BytesIO(text[start:]), errors="replace")), [])
    except csv.Error:
        raise TableError("not valid CSV text", file=name, hint=_HINT) from None
    names = [field.strip().lower() for field in fields]
    # Two known names make a header, so that a missing column is not taken for an invalid first row.
    has_header = len(set(names) & set(TAG_ROW_COLUMNS)) >= 2
    columns = names if has_header else list(TAG_ROW_COLUMNS)
    for column in TAG_ROW_COLUMNS:
        if column not in columns:
            raise TableError(f"missing column '{column}'", file=name, hint=_HINT)
    return _Layout(columns, n_blank_lines, has_header)


def _scores(column: pa.ChunkedArray, name: str, n_rows_before: int = 0) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    column = pc.utf8_trim_whitespace(column)
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid:
        for row, text in enumerate(column.to_pylist(), start=n_rows_before + 1):
            try:
                pa.scalar(text).cast(pa.float64())
            except pa.ArrowInvalid:
                what = f"'{text}' is not a number" if text else "missing value"
                raise TableError(what, file=name, row=row, field="score") from None
        raise


def _lines(stream: BinaryIO, errors: str = "strict") -> TextIO:
    return io.TextIOWrapper(stream, encoding="utf-8-sig", errors=errors, newline="")


def _find_error(lines: TextIO, layout: _Layout, name: str) -> TableError:
    """Return an error that names the row at which pyarrow failed."""
    import csv

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
        pass
    return TableError("not valid CSV text", file=name, hint=_HINT)


FORMAT = TableFormat(
    name="csv",
    extensions=(".csv", ".txt"),
    description="with a header and columns in any order, or without a header in the order image, tag, score",
    encode=_encode,
    decode_tag_rows=_decode_tag_rows,
    decode_table=_decode_table,
    read_tag_row_batches=_read_tag_row_batches,
)
