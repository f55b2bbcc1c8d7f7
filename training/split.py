"""Split the labelled photos into a training, a development and a validation part."""

from __future__ import annotations

import hashlib
from pathlib import Path

SPLIT = {"validation": range(4), "development": range(4, 5), "training": range(5, 20)}
"""Twentieths of all photos: four for the final evaluation, one for choosing parameters, fifteen for training."""


def twentieth(path: Path) -> int:
    """Return the twentieth of a photo, from the MD5 of its bytes, so that identical files are in the same part."""
    return int(hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest(), 16) % 20
