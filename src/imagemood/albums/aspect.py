"""Aspects in which pictures can be similar."""

from __future__ import annotations

from enum import StrEnum


class Aspect(StrEnum):
    """What is compared when pictures are similar."""

    both = "both"
    content = "content"
    mood = "mood"
