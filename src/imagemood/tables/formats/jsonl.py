"""JSON lines: one object per line."""

from __future__ import annotations

import codecs
from functools import cache
from typing import TYPE_CHECKING, Any

from imagemood import _extras
from imagemood._text import to_json
from imagemood.errors import TableError
from imagemood.tables.table_format import TableFormat

if TYPE_CHECKING:
    import pyarrow as pa

    from imagemood.tables.column_table import Columns


def _decode_tag_rows(data: bytes, name: str) -> Columns:
    """Parse one object per line; images are integers if all of them are, and text otherwise."""
    from imagemood.tables.column_table import Column
    from imagemood.tables.json_schema import SchemaError, decode_json

    schema, rows = _tag_row(), []
    lines = (line for line in data.removeprefix(codecs.BOM_UTF8).splitlines() if line.strip())
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(decode_json(line, schema))
        except SchemaError as error:
            raise TableError(error.what, file=name, row=number, field=error.field) from None
    kind = int if all(isinstance(row.image, int) for row in rows) else str
    return {
        "image": Column([kind(row.image) for row in rows], kind),
        "tag": Column([row.tag for row in rows], str),
        "score": Column([row.score for row in rows], float),
    }


@cache
def _tag_row() -> type[Any]:
    """Return the schema of a tag row, defined here so that msgspec is imported when it is needed."""
    import msgspec

    class TagRow(msgspec.Struct):  # other fields are ignored
        image: int | str
        tag: str
        score: float

        def __post_init__(self) -> None:
            if isinstance(self.image, int) and not -(2**63) <= self.image < 2**63:
                raise ValueError(f"image {self.image} does not fit into a 64-bit integer")

    return TagRow


def _encode(table: Columns) -> bytes:
    rows = zip(*(column.to_list() for column in table.values()), strict=True)
    return "".join(to_json(dict(zip(table, row, strict=True))) + "\n" for row in rows).encode()


def _decode_table(data: bytes) -> pa.Table:
    with _extras.needs("tables"):
        import pyarrow as pa
        import pyarrow.json as pa_json

    return pa_json.read_json(pa.BufferReader(data.removeprefix(codecs.BOM_UTF8)))


FORMAT = TableFormat(
    name="jsonl",
    extensions=(".jsonl", ".ndjson", ".json"),
    description='one object `{"image": …, "tag": …, "score": …}` per line',
    encode=_encode,
    decode_tag_rows=_decode_tag_rows,
    decode_table=_decode_table,
)
