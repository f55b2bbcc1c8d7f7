"""Parses tag rows in CSV with pyarrow, which is fast for large files."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from imagemood import _extras
from imagemood.errors import TableError
from imagemood.tables.coding import integers_if_possible
from imagemood.tables.csv_layout import Layout, find_error, layout_of, lines_of
from imagemood.tables.table_format import TAG_ROW_COLUMNS

with _extras.needs("tables"):
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv as pa_csv

_BYTES_FOR_HEADER = 1 << 16
_BLOCK_BYTES = 1 << 24


def parse(text: bytes, layout: Layout, name: str) -> pa.Table:
    """Return the columns of tag rows."""
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(text),
            read_options=_read_options(layout),
            parse_options=pa_csv.ParseOptions(newlines_in_values=b'"' in text),
            convert_options=_as_text(),
        )
    except pa.ArrowInvalid:
        raise find_error(lines_of(io.BytesIO(text)), layout, name) from None
    scores = _scores(table["score"], name)
    image = table["image"].combine_chunks().dictionary_encode()
    values = integers_if_possible(image.dictionary.to_pylist())
    image = pa.DictionaryArray.from_arrays(image.indices, pa.array(values) if values else image.dictionary)
    return pa.table({"image": image, "tag": table["tag"], "score": scores})


def read_batches(path: Path, compression: str | None) -> Iterator[pa.Table]:
    """Parse a file in parts, with the images as text."""
    name, n_rows, layout = str(path), 0, Layout(list(TAG_ROW_COLUMNS), 0, False)
    try:
        with _open(path, compression) as stream:
            layout = layout_of(stream.read(_BYTES_FOR_HEADER).removeprefix(codecs.BOM_UTF8), name)
        with _open(path, compression) as stream:
            reader = pa_csv.open_csv(
                stream,
                read_options=_read_options(layout, block_size=_BLOCK_BYTES),
                parse_options=pa_csv.ParseOptions(newlines_in_values=True),
                convert_options=_as_text(),
            )
            for batch in reader:
                table = pa.Table.from_batches([batch])
                yield table.set_column(2, "score", _scores(table["score"], name, n_rows))
                n_rows += table.num_rows
    except pa.ArrowInvalid:
        with _open(path, compression) as stream:
            raise find_error(lines_of(stream), layout, name) from None
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None)
        what = f"cannot be read: {reason}" if reason else f"not a valid {path.suffix} file"
        raise TableError(what, file=name) from error


def _open(path: Path, compression: str | None) -> pa.NativeFile:
    return pa.input_stream(pa.OSFile(os.fsencode(path)), compression=compression)


def _as_text() -> Any:
    return pa_csv.ConvertOptions(
        include_columns=list(TAG_ROW_COLUMNS),
        column_types=dict.fromkeys(TAG_ROW_COLUMNS, pa.string()),
        strings_can_be_null=False,
    )


def _read_options(layout: Layout, **options: int) -> Any:
    n_skipped = layout.n_blank_lines + layout.has_header
    return pa_csv.ReadOptions(column_names=layout.columns, skip_rows=n_skipped, **options)


def _scores(column: pa.ChunkedArray, name: str, n_rows_before: int = 0) -> pa.ChunkedArray:
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
