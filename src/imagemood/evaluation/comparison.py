"""Compares algorithms and inputs on the same folds, and tests which differences are significant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from imagemood.evaluation.candidate import Candidate, CandidateResult
from imagemood.evaluation.cross_validation import Progress, cross_validate, pooled
from imagemood.evaluation.fold import METRICS
from imagemood.evaluation.journal import Journal
from imagemood.evaluation.metrics import Evaluation
from imagemood.evaluation.significance import corrected_t_test, holm
from imagemood.learning import Recipe, TrainingSet

INPUT_SETS = (
    ("tags",),
    ("tags", "visual"),
    ("embedding",),
    ("tags", "embedding"),
    ("tags", "embedding", "visual"),
)
"""Inputs that are compared by default; the last two show what visual features add to the default model."""
_SIGNIFICANCE_LEVEL = 0.05


@dataclass(frozen=True)
class ComparisonRow:
    """One candidate of a comparison.

    Attributes
    ----------
    result : CandidateResult
        The candidate and its metrics.
    p_value : float
        The p-value of the difference to the best candidate's accuracy, corrected for the number of candidates; 1
        for the best candidate itself.
    evaluation : Evaluation, optional
        The metrics over all images, with confidence intervals.
    """

    result: CandidateResult
    p_value: float = 1.0
    evaluation: Evaluation | None = None

    @property
    def below_best(self) -> bool:
        """Whether the accuracy is significantly lower than the best candidate's."""
        return self.p_value < _SIGNIFICANCE_LEVEL


@dataclass(frozen=True)
class InputGain:
    """The contribution of additional inputs to an algorithm.

    Attributes
    ----------
    algorithm : str
        Name of the algorithm.
    baseline, inputs : tuple of str
        The smaller and the larger set of inputs.
    accuracy, macro_f1 : float
        Mean differences over the folds.
    p_value : float
        The p-value of the difference in accuracy, corrected for the number of gains.
    """

    algorithm: str
    baseline: tuple[str, ...]
    inputs: tuple[str, ...]
    accuracy: float
    macro_f1: float
    p_value: float


@dataclass(frozen=True)
class Comparison:
    """Candidates that were evaluated on the same folds, and the significance of their differences.

    Attributes
    ----------
    rows : list of ComparisonRow
        The candidates, the most accurate first.
    gains : list of InputGain
        For each algorithm, the gain of each set of inputs over its largest proper subsets.
    n_images, n_folds : int
        Number of images and of folds.
    """

    rows: list[ComparisonRow]
    gains: list[InputGain]
    n_images: int
    n_folds: int

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as a dictionary that can be written as JSON."""
        return {
            "n_images": self.n_images,
            "n_folds": self.n_folds,
            "cells": [_row_to_dict(row) for row in self.rows],
            "gains": [_gain_to_dict(gain) for gain in self.gains],
        }


def _row_to_dict(row: ComparisonRow) -> dict[str, Any]:
    result = row.result
    return {
        "algorithm": result.algorithm,
        "inputs": "+".join(result.inputs),
        "p_value": row.p_value,
        "below_best": row.below_best,
        **{metric: {"mean": result.mean(metric), "spread": result.std(metric)} for metric in METRICS},
        "folds": [asdict(fold) for fold in result.folds],
        "evaluation": None if row.evaluation is None else row.evaluation.to_dict(),
    }


def _gain_to_dict(gain: InputGain) -> dict[str, Any]:
    return {
        "algorithm": gain.algorithm,
        "over": "+".join(gain.baseline),
        "inputs": "+".join(gain.inputs),
        "accuracy": gain.accuracy,
        "macro_f1": gain.macro_f1,
        "p_value": gain.p_value,
    }


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
    progress: Progress | None = None,
) -> Comparison:
    """Compare each algorithm, a name in `imagemood.learning.ALGORITHMS`, on each set of inputs.

    The seed is used for the folds and for the algorithms. See
    `imagemood.evaluation.cross_validation.cross_validate` for the other parameters and for exceptions.
    """
    candidates = [
        Candidate(Recipe(algorithm, random_state=random_state, balanced=balanced), tuple(inputs))
        for inputs in input_sets
        for algorithm in algorithms
    ]
    results = cross_validate(
        training_set,
        candidates,
        n_folds=n_folds,
        random_state=random_state,
        keep_probabilities=True,
        journal=journal,
        n_jobs=n_jobs,
        progress=progress,
    )
    n_images = len(training_set.moods)
    rows = [replace(row, evaluation=pooled(row.result, training_set)) for row in _rows(results, n_images)]
    return Comparison(rows, _gains(results, n_images), n_images, n_folds)


def _p_value(one: CandidateResult, other: CandidateResult, n_images: int) -> float:
    n_test = n_images // len(one.folds)
    differences = one.values("accuracy") - other.values("accuracy")
    return corrected_t_test(differences, n_train=n_images - n_test, n_test=n_test)


def _rows(results: list[CandidateResult], n_images: int) -> list[ComparisonRow]:
    """Sort the candidates by accuracy, and test each one against the best."""
    best, *others = sorted(results, key=lambda result: -result.mean("accuracy"))
    p_values = holm([_p_value(best, other, n_images) for other in others])
    tested = [ComparisonRow(result, float(p)) for result, p in zip(others, p_values, strict=True)]
    return [ComparisonRow(best), *tested]


def _gains(results: list[CandidateResult], n_images: int) -> list[InputGain]:
    """Compare each candidate with those of the same algorithm whose inputs are its largest proper subsets."""
    pairs = []
    for larger in results:
        subsets = [r for r in results if r.algorithm == larger.algorithm and set(r.inputs) < set(larger.inputs)]
        pairs += [(r, larger) for r in subsets if not any(set(r.inputs) < set(s.inputs) for s in subsets)]
    p_values = holm([_p_value(*pair, n_images) for pair in pairs])
    return [
        InputGain(
            larger.algorithm,
            smaller.inputs,
            larger.inputs,
            larger.mean("accuracy") - smaller.mean("accuracy"),
            larger.mean("macro_f1") - smaller.mean("macro_f1"),
            float(p),
        )
        for (smaller, larger), p in zip(pairs, p_values, strict=True)
    ]
