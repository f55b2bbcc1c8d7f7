"""Messages on the wire: protobuf or JSON, as Content-Type and Accept say."""

from __future__ import annotations

import json
from collections.abc import Iterable
from operator import attrgetter

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from imagemood.serve.problems import Problem
from imagemood.serve.schemas.rows import Rows
from imagemood.tables.messages_pb2 import Image, ImageTag, ImageTagSet

PROTOBUF = "application/vnd.google.protobuf"
"""What the official runner calls protobuf, and so do our answers."""
PROTOBUF_NAMES = (PROTOBUF, "application/x-protobuf", "application/protobuf", "application/octet-stream")
JSON = "application/json"

Row = tuple[int, str, float]
_IMAGE, _TAG, _SCORE = attrgetter("image"), attrgetter("tag"), attrgetter("score")
_FIELDS = {"image", "tag", "score"}


def request_type(content_type: str | None) -> str:
    """Say how a request is written.

    Parameters
    ----------
    content_type : str or None
        The header.

    Returns
    -------
    str
        `PROTOBUF` or `JSON`.

    Raises
    ------
    Problem
        415 if it is neither.

    Examples
    --------
    >>> request_type("application/json; charset=utf-8")
    'application/json'
    """
    media = (content_type or "").partition(";")[0].strip().lower()
    if media in PROTOBUF_NAMES:
        return PROTOBUF
    if media == JSON:
        return JSON
    raise Problem(415, f"Content-Type is {media or 'missing'}; send {PROTOBUF} or {JSON}")


def answer_type(accept: str | None, request: str) -> str:
    """Say how the answer is to be written.

    Parameters
    ----------
    accept : str or None
        The header.
    request : str
        How the request was written, which the answer follows where the header leaves it open.

    Returns
    -------
    str
        `PROTOBUF` or `JSON`.

    Raises
    ------
    Problem
        406 if it can be neither.

    Examples
    --------
    >>> answer_type("*/*", JSON), answer_type("application/x-protobuf", JSON)
    ('application/json', 'application/vnd.google.protobuf')
    """
    wanted = [part.partition(";")[0].strip().lower() for part in (accept or "").split(",")]
    for media in wanted:
        if media in PROTOBUF_NAMES:
            return PROTOBUF
        if media == JSON:
            return JSON
        if media in ("", "*/*", "application/*"):
            return request
    raise Problem(406, f"the answer can be {PROTOBUF} or {JSON}, not {accept}")


def read_image(body: bytes, kind: str) -> bytes:
    """Take the picture out of an `Image` message.

    Parameters
    ----------
    body : bytes
        The message.
    kind : str
        `PROTOBUF` or `JSON`.

    Returns
    -------
    bytes
        A picture file's content.

    Raises
    ------
    Problem
        422 if it is no such message.
    """
    message = Image()
    _parse(body, kind, message)
    return bytes(message.image_binary)


def read_rows(body: bytes, kind: str) -> Rows:
    """Take the rows out of an `ImageTagSet` message.

    Parameters
    ----------
    body : bytes
        The message.
    kind : str
        `PROTOBUF` or `JSON`.

    Returns
    -------
    Rows
        Tag rows, not yet checked.

    Raises
    ------
    Problem
        422 if it is no such message.
    """
    plain = _plain_rows(body) if kind == JSON else None
    if plain is not None:
        return plain
    message = ImageTagSet()
    _parse(body, kind, message)
    rows = list(message.ImageTags)
    return Rows(list(map(_IMAGE, rows)), list(map(_TAG, rows)), list(map(_SCORE, rows)))


def _plain_rows(body: bytes) -> Rows | None:
    """Read rows in JSON as all write them, many times faster than by the rules for everything that JSON may be."""
    try:
        rows = json.loads(body)["ImageTags"]
        if any(row.keys() != _FIELDS or type(row["tag"]) is not str or type(row["score"]) is bool for row in rows):
            return None
        images = [_int64(row["image"]) for row in rows]
        return Rows(images, [row["tag"] for row in rows], [float(row["score"]) for row in rows])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


def _int64(value: object) -> int:
    if type(value) is int or (type(value) is str and value.lstrip("-").isdecimal()):
        number = int(value)
        if -(2**63) <= number < 2**63:
            return number
    raise ValueError(value)


def _parse(body: bytes, kind: str, message: Message) -> None:
    name = message.DESCRIPTOR.name
    try:
        if kind == PROTOBUF:
            message.ParseFromString(body)
        else:
            json_format.Parse(body, message)
    except (DecodeError, UnicodeDecodeError) as error:
        raise Problem(422, f"the body is no {name} message: {error}") from error
    except (json_format.ParseError, RecursionError) as error:
        raise Problem(422, f"the body is no {name} message in JSON: {error}") from error


def write_rows(rows: Iterable[Row], kind: str) -> bytes:
    """Make an `ImageTagSet` message.

    Parameters
    ----------
    rows : iterable of (int, str, float)
        Image, tag or mood, score.
    kind : str
        `PROTOBUF` or `JSON`.

    Returns
    -------
    bytes
        The message.

    Examples
    --------
    >>> write_rows([(0, "awe", 0.5)], JSON)
    b'{"ImageTags": [{"image": "0", "tag": "awe", "score": 0.5}]}'
    """
    if kind == PROTOBUF:
        tags = [ImageTag(image=image, tag=tag, score=score) for image, tag, score in rows]
        return ImageTagSet(ImageTags=tags).SerializeToString()
    # Whole numbers of 64 bits are text in protobuf's JSON.
    fields = [{"image": str(image), "tag": tag, "score": score} for image, tag, score in rows]
    return json.dumps({"ImageTags": fields}, ensure_ascii=False).encode()
