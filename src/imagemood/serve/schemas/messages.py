"""The messages of `imagemood.proto` in protobuf or JSON, according to the headers Content-Type and Accept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from operator import attrgetter

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from imagemood.errors import first_line
from imagemood.serve.problems import Problem
from imagemood.serve.schemas.rows import TagRows
from imagemood.tables.messages_pb2 import Image, ImageTag, ImageTagSet

PROTOBUF = "application/vnd.google.protobuf"
"""The official runner's media type for protobuf, which is also that of our responses."""
PROTOBUF_NAMES = (PROTOBUF, "application/x-protobuf", "application/protobuf", "application/octet-stream")
JSON = "application/json"

Row = tuple[int, str, float]
"""Image, tag or mood, and score or probability."""
_IMAGE, _TAG, _SCORE = attrgetter("image"), attrgetter("tag"), attrgetter("score")
_FIELDS = {"image", "tag", "score"}


def request_media_type(content_type: str | None) -> str:
    """Return `PROTOBUF` or `JSON`, or raise a problem with status 415.

    Examples
    --------
    >>> request_media_type("application/json; charset=utf-8")
    'application/json'
    """
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if media_type in PROTOBUF_NAMES:
        return PROTOBUF
    if media_type == JSON:
        return JSON
    raise Problem(415, f"unsupported Content-Type: {media_type or 'none'}; send {PROTOBUF} or {JSON}")


def response_media_type(accept: str | None, request_type: str) -> str:
    """Return `PROTOBUF` or `JSON`, by default that of the request, or raise a problem with status 406.

    Examples
    --------
    >>> response_media_type("*/*", JSON), response_media_type("application/x-protobuf", JSON)
    ('application/json', 'application/vnd.google.protobuf')
    """
    for part in (accept or "").split(","):
        media_type = part.partition(";")[0].strip().lower()
        if media_type in PROTOBUF_NAMES:
            return PROTOBUF
        if media_type == JSON:
            return JSON
        if media_type in ("", "*/*", "application/*"):
            return request_type
    raise Problem(406, f"unsupported Accept: {accept}; the response can be {PROTOBUF} or {JSON}")


def parse_image(body: bytes, media_type: str) -> bytes:
    """Return the content of the picture file in an `Image` message."""
    message = Image()
    _parse(body, media_type, message)
    return bytes(message.image_binary)


def parse_rows(body: bytes, media_type: str) -> TagRows:
    """Return the rows of an `ImageTagSet` message; scores and tags are not checked yet."""
    rows = _parse_plain_json(body) if media_type == JSON else None
    if rows is not None:
        return rows
    message = ImageTagSet()
    _parse(body, media_type, message)
    entries = list(message.ImageTags)
    return TagRows(list(map(_IMAGE, entries)), list(map(_TAG, entries)), list(map(_SCORE, entries)))


def _parse_plain_json(body: bytes) -> TagRows | None:
    """Parse JSON in its usual form, much faster than protobuf's parser. Return None for any other form."""
    try:
        rows = json.loads(body)["ImageTags"]
        if any(row.keys() != _FIELDS or type(row["tag"]) is not str or type(row["score"]) is bool for row in rows):
            return None
        images = [_parse_int64(row["image"]) for row in rows]
        return TagRows(images, [row["tag"] for row in rows], [float(row["score"]) for row in rows])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _parse_int64(value: object) -> int:
    if type(value) is int or (type(value) is str and value.lstrip("-").isdecimal()):
        number = int(value)
        if -(2**63) <= number < 2**63:
            return number
    raise ValueError(value)


def _parse(body: bytes, media_type: str, message: Message) -> None:
    name = message.DESCRIPTOR.name
    try:
        if media_type == PROTOBUF:
            message.ParseFromString(body)
        else:
            json_format.Parse(body, message)
    except (DecodeError, UnicodeDecodeError) as error:
        raise Problem(422, f"the body is not a valid {name} message: {first_line(error)}") from error
    except (json_format.ParseError, RecursionError) as error:
        raise Problem(422, f"the body is not a valid {name} message in JSON: {first_line(error)}") from error


def serialize_rows(rows: Iterable[Row], media_type: str) -> bytes:
    """Serialize rows as an `ImageTagSet` message.

    Examples
    --------
    >>> serialize_rows([(0, "awe", 0.5)], JSON)
    b'{"ImageTags": [{"image": "0", "tag": "awe", "score": 0.5}]}'
    """
    if media_type == PROTOBUF:
        tags = [ImageTag(image=image, tag=tag, score=score) for image, tag, score in rows]
        return ImageTagSet(ImageTags=tags).SerializeToString()
    # In protobuf's JSON format, 64-bit integers are strings.
    fields = [{"image": str(image), "tag": tag, "score": score} for image, tag, score in rows]
    return json.dumps({"ImageTags": fields}, ensure_ascii=False).encode()
