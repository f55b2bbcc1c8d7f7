"""Estimators of scikit-learn that take pictures or predict moods, and functions that train on pictures.

Names are loaded on first use, because scikit-learn takes long to import.
"""

from __future__ import annotations

from imagemood._lazy import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
