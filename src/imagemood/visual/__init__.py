"""Raw visual features: colour, texture, composition and content of a picture as named numbers."""

from __future__ import annotations

from imagemood.errors import MissingExtraError

try:
    from imagemood.visual.features import GROUPS, NAMES, extract
    from imagemood.visual.picture import SIZE_PX
except ImportError as error:
    raise MissingExtraError(error.name or "a package", extra="visual") from error

__all__ = ["GROUPS", "NAMES", "SIZE_PX", "extract"]
