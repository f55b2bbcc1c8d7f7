"""Reads the results of trainings: the work folders of `train_network.py`, and the output of `train_on_gpu.py`."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from split import trained_on, twentieth

SIZES = {"student": "lite0", "teacher": "lite2"}
"""The networks that `train_on_gpu.py` trains by default."""


@dataclass(frozen=True)
class Run:
    """A training: the size of the network, the photos it was trained on, and the file with its predictions."""

    size: str
    trained_on: str
    predictions: Path
    history: list[dict[str, Any]]
    photos: str | None = None

    @classmethod
    def read(cls, path: Path) -> Run:
        """Read a work folder, or predictions of `train_on_gpu.py`, such as `student_0.npz` or `teacher_01.npz`."""
        if path.is_file():
            kind, part = path.stem.split("_")
            return cls(SIZES[kind], part, path, [])
        description = json.loads((path / "description.json").read_text("utf-8"))
        recipe = description["recipe"]
        return cls(
            recipe["size"], recipe["trained_on"], path / "predictions.npz", read_log(path), description["photos"]
        )

    def logits(self) -> dict[str, NDArray[np.float64]]:
        """Return the logits of each photo on which the network was not trained, by its name."""
        with np.load(self.predictions) as stored:
            return dict(zip(stored["names"].tolist(), stored["logits"].astype(np.float64), strict=True))


def read_log(folder: Path) -> list[dict[str, Any]]:
    """Return the results after each epoch, from the log of a training."""
    return [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]


def minutes(history: list[dict[str, Any]]) -> float:
    """Return the duration of a training, from the results after each epoch."""
    return float(sum(epoch["seconds"] for epoch in history)) / 60


def count_training_photos(folder: Path, run: Run) -> int:
    """Return on how many photos of a folder a network was trained; exit if it was trained on other photos."""
    paths = sorted(folder.glob("*/*"))
    names = "\n".join(f"{path.parent.name}/{path.name}" for path in paths)
    if run.photos is not None and run.photos != hashlib.sha256(names.encode()).hexdigest():
        sys.exit(f"{run.predictions.parent} belongs to a training on other photos than those in {folder}")
    return int(np.isin([twentieth(path) for path in paths], trained_on(run.trained_on)).sum())
