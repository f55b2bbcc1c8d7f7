"""Content negotiation: the headers ``Accept`` and ``Accept-Encoding`` (RFC 9110, section 12)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_CACHE_SIZE = 32  # headers, which may be long, and of which clients usually send few different ones
_MAX_PARTS = 100  # of a header
_ANY = "*"
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?", re.ASCII)


@lru_cache(_CACHE_SIZE)
def choose_media_type(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Return the media type that a client prefers, the first one among equals, or None if it accepts none of them.

    Parameters
    ----------
    accept : str or None
        The header ``Accept``; without it, the first one is returned.
    offered : tuple of str
        The media types of the possible responses.

    Examples
    --------
    >>> types = ("application/json", "text/csv")
    >>> [choose_media_type(accept, types) for accept in ("text/*, */*;q=0.1", "*/*", "image/png")]
    ['text/csv', 'application/json', None]
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = _parse(accept)
    weights = [_weight(ranges, (name, f"{name.partition('/')[0]}/*", "*/*")) for name in offered]
    best = max(weights)
    return offered[weights.index(best)] if best > 0 else None


@lru_cache(_CACHE_SIZE)
def accepts_encoding(accept_encoding: str | None, encoding: str) -> bool:
    """Return whether a client accepts a content coding, and prefers it to none.

    Examples
    --------
    >>> [accepts_encoding(value, "gzip") for value in ("br, gzip;q=0.5", "*", "gzip;q=0", "identity", None)]
    [True, True, False, False, False]
    """
    if accept_encoding is None:
        return False
    codings = _parse(accept_encoding)
    weight = _weight(codings, (encoding, f"x-{encoding}", _ANY))
    return weight > 0 and weight >= dict(codings).get("identity", 0.0)


def preferences(header: str | None) -> list[str]:
    """Return the names in a header such as ``Accept`` that have a weight, those with a higher weight first.

    Examples
    --------
    >>> preferences("text/csv;q=0.5, application/json, image/png;q=0")
    ['application/json', 'text/csv']
    """
    return [name for name, weight in sorted(_parse(header or ""), key=lambda entry: -entry[1]) if weight]


def _weight(weights: Sequence[tuple[str, float]], names: Sequence[str]) -> float:
    """Return the weight of the most specific of these names, which are in descending order of precision."""
    found = dict(weights)
    return next((found[name] for name in names if name in found), 0.0)


def _parse(header: str) -> list[tuple[str, float]]:
    """Return the names in a header and their weights; parameters other than the weight are ignored."""
    parsed = []
    for part in header.split(",", _MAX_PARTS)[:_MAX_PARTS]:
        name, *parameters = (text.strip().lower() for text in part.split(";"))
        if name:
            parsed.append((name, _parse_weight(parameters)))
    return parsed


def _parse_weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return float(value) if _WEIGHT.fullmatch(value.strip()) else 0.0
    return 1.0
