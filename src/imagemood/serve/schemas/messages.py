"""The messages of `imagemood.proto` in protobuf or JSON, according to the headers Content-Type and Accept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from starlette.datastructures import Headers

from imagemood.errors import first_line
from imagemood.serve.asgi.negotiation import preferences
from imagemood.serve.problems import Problem
from imagemood.serve.request_bodies.json_bodies import count_values
from imagemood.serve.schemas.rows import TagRows
from imagemood.serve.settings import MAX_TAG_ROWS
from imagemood.tables.messages_pb2 import Image, ImageTagSet

PROTOBUF = "application/vnd.google.protobuf"
"""The official runner's media type for protobuf, which is also that of our responses."""
PROTOBUF_NAMES = (PROTOBUF, "application/x-protobuf", "application/protobuf", "application/octet-stream")
JSON = "application/json"
UNSPECIFIC_NAMES = ("text/plain", "")
"""Media types with which the services and the web page of 2018 send protobuf: plain text, or none at all."""

Row = tuple[int, str, float]
"""Image, tag or mood, and score or probability."""
_IMAGE, _TAG, _SCORE = attrgetter("image"), attrgetter("tag"), attrgetter("score")
_CACHE_SIZE = 32  # headers, which may be long, and of which clients usually send few different ones
_MAX_IMAGE_VALUES = 1000  # in JSON, which has two
_VALUES_PER_ROW = 4  # in JSON: the row, and its fields
_FIELDS = {"image", "tag", "score"}


@dataclass(frozen=True)
class MediaTypes:
    """The media types of a request and of its response, as far as its headers determine them."""

    declared: str | None
    accept: str | None

    @classmethod
    def from_headers(cls, headers: Headers) -> MediaTypes:
        """Check the headers, before the body is read; raise a problem with status 415 or 406."""
        return _check_media_types(headers.get("content-type"), headers.get("accept"))

    def resolve(self, body: bytes) -> tuple[str, str]:
        """Return the media types of the request and of the response, each `PROTOBUF` or `JSON`."""
        request_type = self.declared or detect_media_type(body)
        return request_type, response_media_type(self.accept, request_type)


@lru_cache(_CACHE_SIZE)
def _check_media_types(content_type: str | None, accept: str | None) -> MediaTypes:
    found = MediaTypes(request_media_type(content_type), accept)
    response_media_type(accept, found.declared or PROTOBUF)
    return found


def request_media_type(content_type: str | None) -> str | None:
    """Return `PROTOBUF`, `JSON`, or None if the body determines it, or raise a problem with status 415.

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
    if media_type in UNSPECIFIC_NAMES:
        return None
    raise Problem(415, f"unsupported Content-Type: {media_type}; send {PROTOBUF} or {JSON}")


def detect_media_type(body: bytes) -> str:
    """Return `JSON` for a body in braces, which no message starts and ends with, and `PROTOBUF` for any other.

    Examples
    --------
    >>> detect_media_type(b' {"ImageTags": []}')
    'application/json'
    """
    return JSON if body[:64].lstrip().startswith(b"{") and body[-64:].rstrip().endswith(b"}") else PROTOBUF


@lru_cache(_CACHE_SIZE)
def response_media_type(accept: str | None, request_type: str) -> str:
    """Return `PROTOBUF` or `JSON`, by default that of the request, or raise a problem with status 406.

    Examples
    --------
    >>> response_media_type("*/*", JSON), response_media_type("application/x-protobuf", JSON)
    ('application/json', 'application/vnd.google.protobuf')
    """
    if not (accept or "").strip(", "):
        return request_type
    for media_type in preferences(accept):
        if media_type in PROTOBUF_NAMES:
            return PROTOBUF
        if media_type == JSON:
            return JSON
        if media_type in ("*/*", "application/*"):
            return request_type
    raise Problem(406, f"unsupported Accept: {accept}; the response can be {PROTOBUF} or {JSON}")


def parse_image(body: bytes, media_type: str) -> bytes:
    """Return the content of the picture file in an `Image` message."""
    if media_type == JSON and count_values(body) > _MAX_IMAGE_VALUES:
        raise Problem(413, f"the body has more than {_MAX_IMAGE_VALUES:,} values")
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


def parse_rows_or_image(body: bytes, media_type: str) -> TagRows | bytes:
    """Return the rows of an `ImageTagSet` message, or the content of the picture file in an `Image` message.

    A problem is raised with status 413 if there may be more than `MAX_TAG_ROWS` rows.

    Field 1 is text in an `Image` and a message in an `ImageTagSet`. Some images can therefore be parsed as rows,
    but as rows without tags.
    """
    _check_n_rows(body)
    try:
        rows = parse_rows(body, media_type)
    except Problem:
        content = _image_content(body, media_type)
        if content:
            return content
        raise
    if "" in rows.tags or (body and not rows.tags):
        return _image_content(body, media_type) or rows
    return rows


def _check_n_rows(body: bytes) -> None:
    """Count the characters that precede each row in protobuf (a line feed) or JSON, before they take memory."""
    if len(body) <= MAX_TAG_ROWS:  # each row takes at least two bytes
        return
    is_json = detect_media_type(body) == JSON
    n_values = count_values(body) if is_json else body.count(b"\n")
    if n_values > (_VALUES_PER_ROW * MAX_TAG_ROWS if is_json else MAX_TAG_ROWS):
        raise Problem(413, f"the request has more than {MAX_TAG_ROWS:,} tag rows")


def _image_content(body: bytes, media_type: str) -> bytes:
    """Return the content of the picture file, which is empty if the body is not an `Image` message."""
    try:
        return parse_image(body, media_type)
    except Problem:
        return b""


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
        tags = [{"image": image, "tag": tag, "score": score} for image, tag, score in rows]
        return ImageTagSet(ImageTags=tags).SerializeToString()
    # In protobuf's JSON format, 64-bit integers are strings.
    fields = [{"image": str(image), "tag": tag, "score": score} for image, tag, score in rows]
    return json.dumps({"ImageTags": fields}, ensure_ascii=False).encode()
