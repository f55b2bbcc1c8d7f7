"""Decodes data URLs, which contain a file."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote_to_bytes

from imagemood.errors import InputError
from imagemood.pictures.reading.urls import clean, display_name

MAX_ESCAPES = 300_000
"""Largest number of characters that are escaped with a percent sign; decoding each takes a hundred bytes."""
_DATA = re.compile(r"data:(?P<type>[^,]*),(?P<content>.*)", re.IGNORECASE | re.DOTALL)


_PICTURE_TYPES = ("", "application/octet-stream", "binary/octet-stream")  # or image/… or video/…
_MAX_TYPE_LENGTH = 60  # in messages


def decode_picture(address: str, max_bytes: int) -> bytes:
    """Return the file in a data URL whose media type is that of a picture or of unknown content.

    Raises
    ------
    InputError
        If the media type is another one, or the URL is not valid, or the file is too large.

    Examples
    --------
    >>> decode_picture("data:image/svg+xml;charset=utf-8,%3Csvg/%3E", 100)
    b'<svg/>'
    >>> decode_picture("data:text/html,hello", 100)
    Traceback (most recent call last):
        ...
    imagemood.errors.InputError: a data URL of the type text/html, not of a picture (write data:image/jpeg;…)
    """
    found = _DATA.match(clean(address))
    media_type = "" if found is None else found["type"].partition(";")[0].strip().lower()
    if media_type not in _PICTURE_TYPES and not media_type.startswith(("image/", "video/")):
        what = f"a data URL of the type {media_type[:_MAX_TYPE_LENGTH]}, not of a picture"
        raise InputError(what, hint="write data:image/jpeg;…")
    return decode(address, max_bytes)


def decode(address: str, max_bytes: int) -> bytes:
    r"""Return the file in a data URL.

    Raises
    ------
    InputError
        If the URL is not valid, or the file is too large.

    Examples
    --------
    >>> decode("data:text/plain;base64,R3L8w58=", 100), decode("data:,a%20b", 100)
    (b'Gr\xfc\xc3\x9f', b'a b')
    """
    where = display_name(address)
    found = _DATA.match(clean(address))
    if found is None:
        raise InputError("not a valid data URL", where=where, hint="write data:image/jpeg;base64,CONTENT")
    if found["content"].count("%") > MAX_ESCAPES:
        raise InputError(f"a data URL with more than {MAX_ESCAPES:,} escapes", where=where, hint="use base64")
    content = unquote_to_bytes(found["content"].encode("utf-8", "surrogateescape"))
    if found["type"].replace(" ", "").lower().endswith(";base64"):
        compact = b"".join(content.split()).rstrip(b"=")
        try:
            content = base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
        except ValueError as error:
            raise InputError(f"a data URL that is not valid base64: {error}", where=where) from error
    if len(content) > max_bytes:
        raise InputError(f"too large: more than {max_bytes:,} bytes", where=where)
    return content
