"""JSON lines: one object per line."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from imagemood._text import to_json
from imagemood.errors import TableError
from imagemood.tables.table_format import TableFormat

if TYPE_CHECKING:
    import pyarrow as pa

_BOM = b"\xef\xbb\xbf"


def _decode_tag_rows(data: bytes, name: str) -> pa.Table:
    """Parse one object per line; images are integers if all of them are, and text otherwise."""
    import pyarrow as pa

    from imagemood.tables.json_schema import SchemaError, decode_json

    schema, rows = _tag_row(), []
    lines = (line for line in data.removeprefix(_BOM).splitlines() if line.strip())
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(decode_json(line, schema))
        except SchemaError as error:
            raise TableError(error.what, file=name, row=number, field=error.field) from None
    if all(isinstance(row.image, int) for row in rows):
        images = pa.array([row.image for row in rows], pa.int64())
    else:
        images = pa.array([str(row.image) for row in rows], pa.string())
    tags, scores = [row.tag for row in rows], [row.score for row in rows]
    return pa.table({"image": images, "tag": pa.array(tags, pa.string()), "score": pa.array(scores, pa.float64())})


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


def _encode(table: pa.Table) -> bytes:
    return "".join(to_json(row) + "\n" for row in table.to_pylist()).encode()


def _decode_table(data: bytes) -> pa.Table:
    import pyarrow as pa
    import pyarrow.json as pa_json

    return pa_json.read_json(pa.BufferReader(data.removeprefix(_BOM)))


FORMAT = TableFormat(
    name="jsonl",
    extensions=(".jsonl", ".ndjson", ".json"),
    description='one object `{"image": …, "tag": …, "score": …}` per line',
    encode=_encode,
    decode_tag_rows=_decode_tag_rows,
    decode_table=_decode_table,
)
