"""Compare algorithms and inputs under one set of folds, and tell differences from chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from imagemood.evaluation.cross_validation import Contestant, FoldFigures, judge, mean
from imagemood.evaluation.journal import Journal
from imagemood.evaluation.significance import corrected_t_test, holm
from imagemood.learning import Recipe, TrainingSet

FIGURES = tuple(field.name for field in fields(FoldFigures))
INPUT_SETS = (
    ("tags",),
    ("tags", "visual"),
    ("embedding",),
    ("tags", "embedding"),
    ("tags", "embedding", "visual"),
)
"""What is compared by default; the last two tell what visual features add to the default model."""
_LEVEL = 0.05


@dataclass(frozen=True)
class Cell:
    """One algorithm on one set of inputs.

    Attributes
    ----------
    algorithm : str
        Name of the algorithm.
    inputs : tuple of str
        What it learned from.
    folds : list of FoldFigures
        Its figures, fold by fold.
    p_value : float
        That of its accuracy against the best cell's, corrected for the number of cells; 1 for the best itself.
    """

    algorithm: str
    inputs: tuple[str, ...]
    folds: list[FoldFigures]
    p_value: float = 1.0

    def mean(self, figure: str) -> float:
        """Average a figure over the folds.

        Parameters
        ----------
        figure : str
            One of `FIGURES`.

        Returns
        -------
        float
            Its mean.
        """
        return mean(self.folds, figure)

    def spread(self, figure: str) -> float:
        """Tell how much a figure differs between folds.

        Parameters
        ----------
        figure : str
            One of `FIGURES`.

        Returns
        -------
        float
            Its standard deviation.
        """
        return float(np.std([getattr(fold, figure) for fold in self.folds], ddof=1))

    @property
    def below_best(self) -> bool:
        """Whether its accuracy is below the best cell's by more than chance explains."""
        return self.p_value < _LEVEL


@dataclass(frozen=True)
class Gain:
    """What one set of inputs gives an algorithm over another.

    Attributes
    ----------
    algorithm : str
        Name of the algorithm.
    over, inputs : tuple of str
        The smaller and the larger set of inputs.
    accuracy, macro_f1 : float
        Mean differences over the folds.
    p_value : float
        That of the accuracy, corrected for the number of gains.
    """

    algorithm: str
    over: tuple[str, ...]
    inputs: tuple[str, ...]
    accuracy: float
    macro_f1: float
    p_value: float


@dataclass(frozen=True)
class Comparison:
    """A table of cells, and what tells their differences from chance.

    Attributes
    ----------
    cells : list of Cell
        The most accurate first.
    gains : list of Gain
        For each algorithm, each set of inputs against the next smaller ones that were compared.
    n_images, n_folds : int
        How many images, in how many folds.
    """

    cells: list[Cell]
    gains: list[Gain]
    n_images: int
    n_folds: int

    def to_dict(self) -> dict[str, Any]:
        """Give the comparison as JSON can hold it.

        Returns
        -------
        dict
            Cells with mean, spread and folds of each figure, and the gains.
        """
        cells = [
            {
                "algorithm": cell.algorithm,
                "inputs": "+".join(cell.inputs),
                "p_value": cell.p_value,
                "below_best": cell.below_best,
                **{figure: {"mean": cell.mean(figure), "spread": cell.spread(figure)} for figure in FIGURES},
                "folds": [asdict(fold) for fold in cell.folds],
            }
            for cell in self.cells
        ]
        gains = [
            {**asdict(gain), "over": "+".join(gain.over), "inputs": "+".join(gain.inputs)} for gain in self.gains
        ]
        return {"n_images": self.n_images, "n_folds": self.n_folds, "cells": cells, "gains": gains}


def compare(
    training_set: TrainingSet,
    algorithms: Sequence[str],
    input_sets: Sequence[tuple[str, ...]],
    *,
    n_folds: int = 5,
    random_state: int = 0,
    balanced: bool = False,
    journal: Journal | None = None,
    n_jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Comparison:
    """Compare algorithms × inputs.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images with all inputs that are compared.
    algorithms : sequence of str
        Names in `imagemood.learning.ALGORITHMS`.
    input_sets : sequence of tuple of str
        Sets of inputs.
    n_folds : int
        Stratified folds, the same for all.
    random_state : int
        Seed of folds and algorithms.
    balanced : bool
        Whether to train with each mood counting alike.
    journal : Journal, optional
        Where finished folds are kept, so that a comparison that was stopped goes on.
    n_jobs : int, optional
        Folds to work on at once; as many as there are cores by default.
    progress : callable, optional
        Called with the number of folds done and their total.

    Returns
    -------
    Comparison
        The cells, the most accurate first.

    Raises
    ------
    VocabularyError
        If there is only one mood, or one with fewer images than folds.
    InputError
        If there is no such algorithm or input.
    """
    contestants = [
        Contestant(Recipe(algorithm, random_state=random_state, balanced=balanced), tuple(inputs))
        for inputs in input_sets
        for algorithm in algorithms
    ]
    judged = judge(
        training_set,
        contestants,
        n_folds=n_folds,
        random_state=random_state,
        journal=journal,
        n_jobs=n_jobs,
        progress=progress,
    )
    cells = [Cell(c.recipe.algorithm, c.inputs, folds) for c, folds in zip(contestants, judged, strict=True)]
    n_images = len(training_set.moods)
    return Comparison(_against_best(cells, n_images), _gains(cells, n_images), n_images, n_folds)


def _p_value(one: Cell, other: Cell, n_images: int) -> float:
    differences = [a.accuracy - b.accuracy for a, b in zip(one.folds, other.folds, strict=True)]
    n_test = n_images // len(one.folds)
    return corrected_t_test(differences, n_train=n_images - n_test, n_test=n_test)


def _against_best(cells: list[Cell], n_images: int) -> list[Cell]:
    best, *others = sorted(cells, key=lambda cell: -cell.mean("accuracy"))
    corrected = holm([_p_value(best, other, n_images) for other in others])
    marked = [Cell(c.algorithm, c.inputs, c.folds, float(p)) for c, p in zip(others, corrected, strict=True)]
    return [best, *marked]


def _gains(cells: list[Cell], n_images: int) -> list[Gain]:
    """Set each cell against those of the same algorithm whose inputs are a part of its own, but of no other's."""
    pairs = []
    for larger in cells:
        parts = [c for c in cells if c.algorithm == larger.algorithm and set(c.inputs) < set(larger.inputs)]
        pairs += [(c, larger) for c in parts if not any(set(c.inputs) < set(other.inputs) for other in parts)]
    corrected = holm([_p_value(*pair, n_images) for pair in pairs])
    return [
        Gain(
            larger.algorithm,
            smaller.inputs,
            larger.inputs,
            larger.mean("accuracy") - smaller.mean("accuracy"),
            larger.mean("macro_f1") - smaller.mean("macro_f1"),
            float(p),
        )
        for (smaller, larger), p in zip(pairs, corrected, strict=True)
    ]
