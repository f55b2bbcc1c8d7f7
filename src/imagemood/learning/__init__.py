"""Trains mood classifiers: training sets, augmentation, algorithms, and export to ONNX.

Names are loaded on first use, so that the list of algorithms can be read without scikit-learn.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
