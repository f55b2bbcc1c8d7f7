"""Split the labelled photos into a training, a development and a validation part."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

SPLIT = {"validation": range(4), "development": range(4, 5), "training": range(5, 20)}
"""Twentieths of all photos: four for the final evaluation, one for choosing parameters, fifteen for training."""

FOLDS = tuple(range(4 * fold, 4 * fold + 4) for fold in range(5))
"""Twentieths of each fold in five-fold cross-validation; the first fold is the validation part."""


def held_out(name: str) -> Sequence[int]:
    """Return the twentieths to evaluate a training on: those of the folds in the name, such as "0" or "03".

    "split" stands for the development part of `SPLIT`, and "none" for no photos.
    """
    if name.isdigit():
        return [part for fold in name for part in FOLDS[int(fold)]]
    return {"split": SPLIT["development"], "none": range(0)}[name]


def trained_on(name: str) -> list[int]:
    """Return the twentieths to train on: the training part of `SPLIT`, or all that `held_out` leaves."""
    return [i for i in (SPLIT["training"] if name == "split" else range(20)) if i not in held_out(name)]


def twentieth(path: Path) -> int:
    """Return the twentieth of a photo, from the MD5 of its bytes, so that identical files are in the same part."""
    return int(hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest(), 16) % 20
