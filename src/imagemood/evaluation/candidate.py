"""The candidates of a cross-validation, and their results."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from imagemood.evaluation.fold import FoldMetrics
from imagemood.learning import Recipe


@dataclass(frozen=True)
class Candidate:
    """A recipe and its inputs under evaluation.

    Attributes
    ----------
    recipe : Recipe
        The training recipe.
    inputs : tuple of str
        One or more of ``tags``, ``embedding`` and ``visual``.
    n_train : int, optional
        Number of images to draw from the training part of each fold. Defaults to all.
    """

    recipe: Recipe
    inputs: tuple[str, ...]
    n_train: int | None = None


@dataclass(frozen=True, eq=False)
class CandidateResult:
    """The metrics of a candidate.

    Attributes
    ----------
    candidate : Candidate
        The recipe and its inputs.
    folds : list of FoldMetrics
        Metrics of each fold.
    probabilities : ndarray of shape (n_images, n_moods), float64
        Predictions for each image by the model that was trained without it; of shape (0, 0) unless requested.
    """

    candidate: Candidate
    folds: list[FoldMetrics]
    probabilities: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def algorithm(self) -> str:
        """Name of the candidate's algorithm."""
        return self.candidate.recipe.algorithm

    @property
    def inputs(self) -> tuple[str, ...]:
        """Inputs of the candidate."""
        return self.candidate.inputs

    def values(self, metric: str) -> NDArray[np.float64]:
        """Return a metric of each fold; `imagemood.evaluation.fold.METRICS` lists the names."""
        return np.array([getattr(fold, metric) for fold in self.folds], dtype=np.float64)

    def mean(self, metric: str) -> float:
        """Return the mean of a metric over the folds."""
        return float(self.values(metric).mean())

    def std(self, metric: str) -> float:
        """Return the standard deviation of a metric over the folds."""
        return float(self.values(metric).std(ddof=1))
