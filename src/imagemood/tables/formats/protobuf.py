"""Protocol buffers: the message ImageTagSet, which can hold only tag rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagemood.errors import InputError, TableError
from imagemood.tables.table_format import TAG_ROW_COLUMNS, TableFormat

if TYPE_CHECKING:
    import pyarrow as pa


def _decode_tag_rows(data: bytes, name: str) -> pa.Table:
    import pyarrow as pa
    from google.protobuf.message import DecodeError

    from imagemood.tables.messages_pb2 import ImageTagSet

    message = ImageTagSet()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise TableError("not a valid ImageTagSet message", file=name) from error
    rows = message.ImageTags
    return pa.table(
        {
            "image": pa.array([row.image for row in rows], pa.int64()),
            "tag": pa.array([row.tag for row in rows], pa.string()),
            "score": pa.array([row.score for row in rows], pa.float64()),
        }
    )


def _encode(table: pa.Table) -> bytes:
    import pyarrow as pa

    from imagemood.tables.messages_pb2 import ImageTag, ImageTagSet

    if set(table.column_names) != set(TAG_ROW_COLUMNS):
        raise InputError("protobuf can hold only tag rows", hint="choose another format")
    if not pa.types.is_integer(table["image"].type):
        what = "protobuf identifies images by number, not by name"
        raise InputError(what, hint="choose another format, or number the images: imagemood tag --index")
    columns = (table[column].to_pylist() for column in TAG_ROW_COLUMNS)
    rows = [ImageTag(image=image, tag=tag, score=score) for image, tag, score in zip(*columns, strict=True)]
    return ImageTagSet(ImageTags=rows).SerializeToString()


FORMAT = TableFormat(
    name="protobuf",
    extensions=(".pb", ".protobuf", ".bin"),
    description=(
        "a message `ImageTagSet` of [imagemood.proto](../proto/imagemood.proto); "
        "images are identified by numbers only"
    ),
    encode=_encode,
    decode_tag_rows=_decode_tag_rows,
    holds_names=False,
)
