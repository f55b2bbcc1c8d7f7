"""Decodes files that requests contain as text: in base64, or in a data URL."""

from __future__ import annotations

import base64
import contextlib
import re

from imagemood.errors import InputError
from imagemood.pictures.reading import data_urls
from imagemood.pictures.reading.urls import is_data

_MAX_SCHEME_LENGTH = 100  # characters of a text within which a data URL begins, after spaces and quotes
_DATA_URL = re.compile(rb"[\s\"'<]{0,100}data:", re.IGNORECASE)  # no picture file begins like this
_FROM_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")


def is_data_url(text: str) -> bool:
    """Return whether a text, which may be long, is a data URL."""
    return ":" in text[:_MAX_SCHEME_LENGTH] and is_data(text)


def decode_base64(text: str) -> bytes:
    """Return a file in base64, in one line or several, in the alphabet for URLs or not, with or without padding.

    Raises
    ------
    InputError
        If the text is not valid base64.

    Examples
    --------
    >>> decode_base64("YT8/"), decode_base64("YT8_"), decode_base64("YQ")
    (b'a??', b'a??', b'a')
    """
    content = text.encode("utf-8", "replace").translate(None, b" \t\r\n\f\v")  # many tools break it into lines
    try:
        return base64.b64decode(content, validate=True)
    except ValueError as error:
        with contextlib.suppress(ValueError):
            content = content.translate(_FROM_URL_ALPHABET).rstrip(b"=")
            return base64.b64decode(content + b"=" * (-len(content) % 4), validate=True)
        raise InputError(f"not valid base64: {error}") from error


def decode_text(text: str, max_bytes: int) -> bytes:
    """Return a file in base64 or in a data URL.

    Raises
    ------
    InputError
        If the text is neither, or if the media type of the data URL is not that of a picture.

    Examples
    --------
    >>> decode_text("YQ==", 100), decode_text("data:image/png;base64,YQ==", 100), decode_text("data:,a%20b", 100)
    (b'a', b'a', b'a b')
    """
    return data_urls.decode_picture(text, max_bytes) if is_data_url(text) else decode_base64(text)


def decode_bytes(content: bytes, max_bytes: int) -> bytes:
    """Return a file, or the file in a data URL.

    Raises
    ------
    InputError
        If the data URL is not valid, or if its media type is not that of a picture.

    Examples
    --------
    >>> decode_bytes(b"data:image/png;base64,YQ==", 100), decode_bytes(b"YQ==", 100)
    (b'a', b'YQ==')
    """
    if _DATA_URL.match(content):
        text = content.decode("utf-8", "surrogateescape")
        if is_data(text):
            return data_urls.decode_picture(text, max_bytes)
    return content
