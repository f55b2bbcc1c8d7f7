"""Aspects in which pictures can be similar."""

from __future__ import annotations

from enum import StrEnum


class Aspect(StrEnum):
    """Aspects of pictures that are compared."""

    both = "both"
    content = "content"
    mood = "mood"
