"""Recognises URLs as people paste them, and shows addresses without passwords and without long data URLs."""

from __future__ import annotations

import hashlib
import os
import re
from urllib.parse import unquote_to_bytes

from imagemood._text import without_passwords
from imagemood.errors import InputError

_SPACE = " \t\r\n\f\v\xa0\u200b\u2060\ufeff"  # around or, for line breaks, also in pasted text
_PAIRS = ("<>", '""', "''", "“”", "‘’", "„“", "«»", "``")
WEB = re.compile(r"(https?):[/\\]+", re.IGNORECASE)
"""A regular expression for the scheme of a web server and the slashes that follow."""
_FILE = re.compile(r"file:(?://(?P<host>[^/\\?#]*))?(?P<path>/[^?#]*)", re.IGNORECASE)
_OTHER = re.compile(r"([a-z][a-z0-9+.-]+):(?://|https?:)", re.IGNORECASE)
_SCHEMES = re.compile(r"(?:https?:[/\\]|file:/|data:|[a-z][a-z0-9+.-]+:(?://|https?:))", re.IGNORECASE)
_HOST = re.compile(
    r"/?/?(?:www\.|(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?/|localhost(?::\d+)?/|\d+(?:\.\d+){3}(?::\d+)?/)",
    re.IGNORECASE,
)


def clean(address: str) -> str:
    """Return a pasted URL without the quotes, angle brackets and white space around it, and without line breaks.

    Other addresses are returned unchanged, since the name of a file may contain any character.

    Examples
    --------
    >>> clean(' "https://example.org/a.jpg" '), clean("<HTTP://example.org>"), clean("'a.jpg'")
    ('https://example.org/a.jpg', 'HTTP://example.org', "'a.jpg'")
    """
    if ":" not in address:
        return address
    text = address.strip(_SPACE)
    while len(text) > 1 and text[0] + text[-1] in _PAIRS:
        text = text[1:-1].strip(_SPACE)
    if not _SCHEMES.match(text):
        return address
    return text.replace("\t", "").replace("\r", "").replace("\n", "")  # much faster than a regular expression


def is_web(address: str) -> bool:
    """Return whether an address is the URL of a web server.

    Examples
    --------
    >>> is_web("HTTPS://example.org/a.jpg"), is_web("http:/example.org"), is_web("https.jpg"), is_web("http:x.jpg")
    (True, True, False, False)
    """
    return WEB.match(clean(address)) is not None


def is_data(address: str) -> bool:
    """Return whether an address is a data URL, which contains a file."""
    return clean(address)[:5].lower() == "data:"


def has_scheme(address: str) -> bool:
    """Return whether an address is a URL of any kind, not a path.

    Examples
    --------
    >>> has_scheme("s3://photos/a.jpg"), has_scheme("data:,"), has_scheme("file:/a.jpg"), has_scheme("C:/a.jpg")
    (True, True, True, False)
    """
    return "://" in address or _SCHEMES.match(clean(address)) is not None


def local_path(address: str) -> str | None:
    """Return the path of a file URL; None for other addresses.

    Raises
    ------
    InputError
        If the URL has no path, or its host is not this machine.

    Examples
    --------
    >>> local_path("file:///photos/a%20b.jpg"), local_path("file://localhost/a.jpg"), local_path("a.jpg")
    ('/photos/a b.jpg', '/a.jpg', None)
    """
    text = clean(address)
    if text[:5].lower() != "file:" or not _SCHEMES.match(text):
        return None
    found = _FILE.match(text)
    if found is None or (found["host"] is None and found["path"].startswith("//")):
        raise InputError("not a valid file URL", where=address, hint="write file:///PATH")
    if (found["host"] or "localhost").lower() not in ("localhost", "127.0.0.1", "[::1]"):
        raise InputError("a file on another machine", where=address, hint="mount its disk and give the path")
    path = unquote_to_bytes(found["path"].encode("utf-8", "surrogateescape"))
    return os.fsdecode(path)


def display_name(address: str) -> str:
    """Return an address as it is shown: without password, and with a hash in place of the content of a data URL.

    Examples
    --------
    >>> display_name("https://me:secret@example.org/a.jpg"), display_name("a@b.jpg")
    ('https://***@example.org/a.jpg', 'a@b.jpg')
    >>> display_name("data:image/gif;base64,R0lGODlhAQABAAAAACw=")
    'data:image/gif (SHA-256 288f40f56ab5bc29)'
    """
    if ":" not in address:
        return address
    if is_data(address):
        kind = re.match(r"data:[\w.+/-]{0,80}", clean(address), re.IGNORECASE)
        digest = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return f"{kind[0] if kind else 'data:'} (SHA-256 {digest})"
    return without_passwords(address, is_address=True)


def check_path(address: str) -> None:
    """Raise the error of an address that nothing else has recognised, and that is not a path.

    Raises
    ------
    InputError
        If the address is a URL of another kind, or a URL without its scheme and not an existing file.
    """
    found = _OTHER.match(address)
    if found and not os.path.lexists(address):
        raise InputError(
            f"URLs with the scheme '{found[1]}' are not supported",
            where=address,
            hint="download the picture, or use http, https, s3, gs, az or a path",
        )
    is_host = _HOST.match(address) and (address.startswith("//") or not address.startswith("/"))
    if (is_host or re.match(r"https?:", address, re.IGNORECASE)) and not os.path.lexists(address):
        rest = re.sub(r"^(?:https?:)?/*", "", address, flags=re.IGNORECASE)
        if not os.path.lexists(rest.partition("/")[0]):
            raise InputError("No such file or directory", where=address, hint=f"for a URL, write https://{rest}")
