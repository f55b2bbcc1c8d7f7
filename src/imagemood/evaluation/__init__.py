"""Evaluates mood classifiers: cross-validation, metrics, comparisons, curves and diagnostics."""

from __future__ import annotations

from imagemood import _extras

_extras.require("train")  # before the modules of this package are imported
