"""Trains mood classifiers: training sets, augmentation, algorithms, and export to ONNX.

Names are loaded on first use, so that the list of algorithms can be read without scikit-learn.
"""

from __future__ import annotations

from imagemood._lazy import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
