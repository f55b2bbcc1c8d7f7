"""Reads the usual kind of tag rows faster than protobuf: those of one image, with known tags.

The Python objects of a thousand rows take longer than everything else in such a request. Here, the rows stay
encoded: what precedes the score of each row is looked up in a dictionary of encoded tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message
from numpy.typing import NDArray

from imagemood.serve.schemas.rows import check_tag_scores
from imagemood.tables.matrix import TagMatrix, add_scores
from imagemood.tables.messages_pb2 import ImageTag

MAX_BYTES = 200_000
"""Size of a message above which `KnownRows` does not read it."""
_SCORE = np.dtype([("key", np.uint8), ("value", "<f8")])  # a field of type double, at the end of a row
_SCORE_KEY = ImageTag.SCORE_FIELD_NUMBER << 3 | 1
_IMAGE_KEY = ImageTag.IMAGE_FIELD_NUMBER << 3


class KnownRows:
    """Reads messages `ImageTagSet` of one image whose tags are all known.

    Parameters
    ----------
    columns : mapping of str to int
        The column of each tag in the matrix.

    Examples
    --------
    >>> from imagemood.tables.messages_pb2 import ImageTagSet
    >>> known = KnownRows({"cat": 0, "dog": 1})
    >>> rows = ImageTagSet(ImageTags=[ImageTag(image=7, tag="dog", score=0.75)])
    >>> matrix = known.read(rows.SerializeToString())
    >>> matrix.images, matrix.values
    ([7], array([[0.  , 0.75]], dtype=float32))
    >>> rows.ImageTags.add(image=7, tag="yeti", score=0.25) and known.read(rows.SerializeToString())
    """

    def __init__(self, columns: Mapping[str, int]) -> None:
        self._n_columns = len(columns)
        self._columns = {ImageTag(tag=tag).SerializeToString(): column for tag, column in columns.items()}

    def read(self, body: bytes) -> TagMatrix | None:
        """Return the rows as a matrix, or None if they are not of the usual kind.

        Raises
        ------
        TableError
            If a score is not between 0 and 1.
        """
        rows = _encoded_rows(body) if len(body) <= MAX_BYTES else []
        if not rows or b"" in rows:
            return None
        try:
            start, image = _read_image(rows[0])
        except DecodeError:
            return None
        if start and b"".join([row[:start] for row in rows]) != len(rows) * rows[0][:start]:
            return None
        ends = _ends(rows)
        tags, scores = [row[start : -_SCORE.itemsize] for row in rows], ends["value"].copy()
        for i in np.flatnonzero(ends["key"] != _SCORE_KEY).tolist():  # protobuf omits the score 0
            tags[i], scores[i] = rows[i][start:], 0
        columns = np.fromiter(map(self._columns.get, tags, repeat(-1)), np.intp, len(tags))
        if columns.min() < 0:
            return None
        check_tag_scores(scores)
        matrix = np.zeros((1, self._n_columns), np.float32)
        add_scores(matrix, 0, columns, scores)
        return TagMatrix(matrix, [image])


def _read_image(row: bytes) -> tuple[int, int]:
    """Return the length of the part of a row that states the image, and the image, which is 0 without such a part.

    Raises
    ------
    DecodeError
        If the part is not valid.
    """
    if row[0] != _IMAGE_KEY:
        return 0, 0
    length = next((i for i, byte in enumerate(row[1:], 2) if byte < 0x80), len(row))
    return length, ImageTag.FromString(row[:length]).image


def _ends(rows: list[bytes]) -> NDArray[np.void]:
    """Return the end of each row as a field of type double."""
    size = _SCORE.itemsize
    ends = b"".join([row[-size:] for row in rows])
    if len(ends) < len(rows) * size:
        ends = b"".join([row[-size:].rjust(size, b"\0") for row in rows])
    return np.frombuffer(ends, _SCORE)


def _encoded_rows(body: bytes) -> list[bytes]:
    """Return the rows of a message `ImageTagSet`, or nothing if it is not valid."""
    message = _EncodedRows()
    try:
        message.ParseFromString(body)
    except DecodeError:
        return []
    return list(message.rows)  # type: ignore[attr-defined]


def _create_message_class() -> type[Message]:
    """Create a message like `ImageTagSet` whose rows are bytes."""
    file = descriptor_pb2.FileDescriptorProto(name="encoded_rows.proto", syntax="proto3")
    Field = descriptor_pb2.FieldDescriptorProto
    file.message_type.add(name="EncodedRows").field.add(
        name="rows", number=1, type=Field.TYPE_BYTES, label=Field.LABEL_REPEATED
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("EncodedRows"))


_EncodedRows = _create_message_class()
