"""The websites whose pages may send requests that are more than reading.

Browsers send some requests to any address for any page, such as forms, without asking the service before. The
headers ``Sec-Fetch-Site`` and ``Origin`` state which page a request comes from. Other programs send neither.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from imagemood.errors import InputError

ANY_ORIGIN = "*"
NO_ORIGIN = "null"
"""The origin of pages that were opened as files, and of sandboxed frames."""
_READING_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_OWN_SITE = frozenset(("same-origin", "none"))  # none: an address that the user has entered
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^\s/?#@\\\[\]:]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)


def parse_origins(origins: Sequence[str]) -> tuple[str, ...]:
    """Return origins in the form in which browsers send them.

    Examples
    --------
    >>> parse_origins(["https://Friend.example/", "null"])
    ('https://friend.example', 'null')
    """
    return tuple(map(_parse_origin, origins))


def _parse_origin(text: str) -> str:
    origin = text.lower().removesuffix("/")
    if origin in (ANY_ORIGIN, NO_ORIGIN):
        return origin
    if not _ORIGIN.fullmatch(origin):
        hint = "for example https://example.org or http://127.0.0.1:8000"
        raise InputError(f"'{text}' is not an origin", where="--cors", hint=hint)
    return origin.removesuffix({"http": ":80", "https": ":443"}.get(origin.partition(":")[0], "?"))


def is_allowed(
    method: str, host: str | None, site: str | None, origin: str | None, allowed_origins: Collection[str]
) -> bool:
    """Return whether a request may be processed, given its method and some of its headers.

    The rules are those of `http.CrossOriginProtection` in Go.

    Parameters
    ----------
    method : str
        Requests that only read are always allowed: without permission, browsers withhold the responses to them.
    host, site, origin : str or None
        The headers ``Host``, ``Sec-Fetch-Site`` and ``Origin``.
    allowed_origins : collection of str
        The origins of pages that may use the service.

    Examples
    --------
    >>> is_allowed("POST", "127.0.0.1:8887", None, None, ())  # from a program that is not a browser
    True
    >>> is_allowed("POST", "127.0.0.1:8887", "cross-site", "https://attacker.example", ())
    False
    """
    if method in _READING_METHODS or site in _OWN_SITE:
        return True
    if origin is None:
        return site is None
    if ANY_ORIGIN in allowed_origins or origin.lower() in allowed_origins:
        return True
    # Browsers send no Sec-Fetch-Site to addresses without HTTPS, except those of this machine.
    return site is None and host is not None and origin.lower().partition("://")[2] == host.lower()
