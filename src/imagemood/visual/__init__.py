"""Visual features: numbers that describe the colour, texture, composition and content of an image."""

from __future__ import annotations

from imagemood import _extras

with _extras.needs("visual"):
    from imagemood.visual.extraction import FEATURES, GROUPS, NAMES, extract
    from imagemood.visual.feature import Feature, FeatureGroup
    from imagemood.visual.image_arrays import SIZE_PX, ImageArrays

__all__ = ["FEATURES", "GROUPS", "NAMES", "SIZE_PX", "Feature", "FeatureGroup", "ImageArrays", "extract"]
