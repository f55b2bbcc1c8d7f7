"""Suggestions for names that are not known, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MAX_COMPARED = 100  # characters of an unknown name, because the time grows with the square of the length


def similar_name(name: str, names: Iterable[str], *, min_similarity: float = 0.6) -> str | None:
    """Return the known name that a misspelt one most likely means, or None if no name is similar.

    Upper and lower case are not distinguished. `min_similarity` is a ratio of `difflib.SequenceMatcher`.

    Examples
    --------
    >>> similar_name("imagse", ["images", "id"]), similar_name("x", ["images", "id"])
    ('images', None)
    """
    by_lower = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name[:_MAX_COMPARED].lower(), by_lower, n=1, cutoff=min_similarity)
    return by_lower[found[0]] if found else None
