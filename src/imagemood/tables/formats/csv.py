"""CSV. Large files are parsed by pyarrow if it is installed."""

from __future__ import annotations

import codecs
import io
import itertools
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood import _extras
from imagemood.errors import TableError
from imagemood.tables.csv_layout import Layout, find_error, layout_of, lines_of
from imagemood.tables.table_format import TAG_ROW_COLUMNS, TableFormat

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from imagemood.tables.column_table import Columns

_MIN_BYTES_FOR_ARROW = 1 << 22  # smaller files are parsed before pyarrow is imported
_ROWS_PER_PART = 4096


def _decode_tag_rows(data: bytes, name: str) -> Columns | pa.Table:
    """Parse CSV with or without a header; images are integers if all of them are."""
    text = data.removeprefix(codecs.BOM_UTF8)
    layout = layout_of(text, name)
    if len(text) >= _MIN_BYTES_FOR_ARROW and find_spec("pyarrow") is not None:
        from imagemood.tables import arrow_csv

        return arrow_csv.parse(text, layout, name)
    return _parsed(text, layout, name)


def _parsed(text: bytes, layout: Layout, name: str) -> Columns:
    """Return the columns of a file, read with the module csv; `arrow_csv.parse` returns the same."""
    import csv

    from imagemood.tables.coding import integers_if_possible
    from imagemood.tables.column_table import Column

    columns: list[list[str]] = [[] for _ in layout.columns]
    rows = itertools.islice(filter(None, csv.reader(lines_of(io.BytesIO(text)))), int(layout.has_header), None)
    try:
        while part := list(itertools.islice(rows, _ROWS_PER_PART)):
            if any(len(row) != len(columns) for row in part):
                raise find_error(lines_of(io.BytesIO(text)), layout, name)
            for column, values in zip(columns, zip(*part, strict=True), strict=True):
                column.extend(values)
    except (csv.Error, UnicodeDecodeError):
        raise find_error(lines_of(io.BytesIO(text)), layout, name) from None
    image, tag, score = (columns[layout.columns.index(column)] for column in TAG_ROW_COLUMNS)
    images = integers_if_possible(image)
    return {
        "image": Column(images, int if images is not image else str),
        "tag": Column(tag, str),
        "score": Column(_numbers(score, name), float),
    }


def _read_tag_row_batches(path: Path) -> Iterator[pa.Table] | None:
    from imagemood.tables.compression import compression_of

    if find_spec("pyarrow") is None:
        return None
    from imagemood.tables import arrow_csv

    compression = compression_of(path)
    if compression is None:
        return arrow_csv.read_batches(path, None)
    return None if compression.arrow_name is None else arrow_csv.read_batches(path, compression.arrow_name)


def _encode(table: Columns) -> bytes:
    import csv

    text = io.StringIO()
    columns = {name: column.to_list() for name, column in table.items()}
    texts = itertools.chain(columns, *(columns[name] for name in table if table[name].kind is str))
    # Before Python 3.13, csv does not quote carriage returns, at which readers would end the row.
    has_returns = any("\r" in value for value in texts if value)
    writer = csv.writer(
        text, quoting=csv.QUOTE_NONNUMERIC if has_returns else csv.QUOTE_MINIMAL, lineterminator="\n"
    )
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def _decode_table(data: bytes) -> pa.Table:
    with _extras.needs("tables"):
        import pyarrow as pa
        import pyarrow.csv as pa_csv

    text = data.removeprefix(codecs.BOM_UTF8)
    return pa_csv.read_csv(
        pa.BufferReader(text),
        parse_options=pa_csv.ParseOptions(newlines_in_values=b'"' in text),
        convert_options=pa_csv.ConvertOptions(column_types={"image": pa.string()}),
    )


def _numbers(texts: list[str], name: str) -> NDArray[np.float64]:
    """Return scores as Arrow does, which allows white space around them, but not all that Python allows."""
    import numpy as np

    try:
        numbers = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
        joined = "".join(texts)
        if joined.isascii() and "_" not in joined:
            return numbers
    except ValueError:
        pass
    return np.array([_number(text.strip(), row, name) for row, text in enumerate(texts, start=1)])


def _number(text: str, row: int, name: str) -> float:
    try:
        if text.isascii() and "_" not in text:
            return float(text)
    except ValueError:
        pass
    what = f"'{text}' is not a number" if text else "missing value"
    raise TableError(what, file=name, row=row, field="score")


FORMAT = TableFormat(
    name="csv",
    extensions=(".csv", ".txt"),
    description="with a header and columns in any order, or without a header in the order image, tag, score",
    encode=_encode,
    decode_tag_rows=_decode_tag_rows,
    decode_table=_decode_table,
    read_tag_row_batches=_read_tag_row_batches,
)
