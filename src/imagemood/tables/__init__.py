"""Tables in files and in memory: tag rows, labels and visual features."""

from __future__ import annotations

from imagemood._lazy import attach_stub

# The names are listed in __init__.pyi, and pyarrow is imported when one of them is used.
__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
