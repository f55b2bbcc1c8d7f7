"""Decodes data URLs, which contain a file."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote_to_bytes

from imagemood.errors import InputError
from imagemood.pictures.urls import clean, display_name

MAX_ESCAPES = 300_000
"""Largest number of characters that are escaped with a percent sign; decoding each takes a hundred bytes."""
_DATA = re.compile(r"data:(?P<type>[^,]*),(?P<content>.*)", re.IGNORECASE | re.DOTALL)


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
