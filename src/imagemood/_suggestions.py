"""Suggestions for names that are not known, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MAX_COMPARED = 100  # characters of an unknown name, because the time grows with the square of the length


def similar_name(name: str, names: Iterable[str], *, min_similarity: float = 0.6) -> str | None:
    """Return the known name that a misspelt one most likely means, or None if no name is similar.

    See `similar_names` for the parameters.

    Examples
    --------
    >>> similar_name("imagse", ["images", "id"]), similar_name("x", ["images", "id"])
    ('images', None)
    """
    return next(iter(similar_names(name, names, max_names=1, min_similarity=min_similarity)), None)


def similar_names(
    name: str, names: Iterable[str], *, max_names: int = 3, min_similarity: float = 0.6
) -> list[str]:
    """Return the known names that are most similar to another one, the most similar first.

    Upper and lower case are not distinguished. `min_similarity` is a ratio of `difflib.SequenceMatcher`.

    Examples
    --------
    >>> similar_names("vit-b32", ["ViT-B-32", "ViT-L-14", "RN50"])
    ['ViT-B-32']
    """
    by_lower = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name[:_MAX_COMPARED].lower(), by_lower, max_names, min_similarity)
    return [by_lower[lower] for lower in found]
