"""Protocol buffers: the message ImageTagSet, which can hold only tag rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagemood.errors import InputError, TableError
from imagemood.tables.table_format import TAG_ROW_COLUMNS, TableFormat

if TYPE_CHECKING:
    from imagemood.tables.column_table import Columns


def _decode_tag_rows(data: bytes, name: str) -> Columns:
    from google.protobuf.message import DecodeError

    from imagemood.tables.column_table import Column
    from imagemood.tables.messages_pb2 import ImageTagSet

    message = ImageTagSet()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise TableError("not a valid ImageTagSet message", file=name) from error
    rows = message.ImageTags
    return {
        "image": Column([row.image for row in rows], int),
        "tag": Column([row.tag for row in rows], str),
        "score": Column([row.score for row in rows], float),
    }


def _encode(table: Columns) -> bytes:
    from imagemood.tables.messages_pb2 import ImageTag, ImageTagSet

    if set(table) != set(TAG_ROW_COLUMNS):
        raise InputError("protobuf can hold only tag rows", hint="choose another format")
    if table["image"].kind is not int:
        what = "protobuf identifies images by number, not by name"
        raise InputError(what, hint="choose another format, or number the images: imagemood tag --index")
    columns = (table[column].to_list() for column in TAG_ROW_COLUMNS)
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
