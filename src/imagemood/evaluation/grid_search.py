"""Find the best parameters of an algorithm, by cross-validation over its grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sklearn.model_selection import ParameterGrid

from imagemood.evaluation.cross_validation import Contestant, FoldFigures, judge, mean
from imagemood.evaluation.journal import Journal
from imagemood.learning import ALGORITHMS, Recipe, TrainingSet


@dataclass(frozen=True)
class Candidate:
    """One place of the grid and how well it did.

    Attributes
    ----------
    recipe : Recipe
        What was tried.
    folds : list of FoldFigures
        Its figures, fold by fold.
    """

    recipe: Recipe
    folds: list[FoldFigures]

    @property
    def accuracy(self) -> float:
        """Mean accuracy over the folds."""
        return mean(self.folds, "accuracy")

    @property
    def macro_f1(self) -> float:
        """Mean macro F1 over the folds."""
        return mean(self.folds, "macro_f1")


def search(
    training_set: TrainingSet,
    recipe: Recipe,
    *,
    n_folds: int = 5,
    journal: Journal | None = None,
    n_jobs: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> list[Candidate]:
    """Try the grid of a recipe's algorithm.

    Parameters
    ----------
    training_set : TrainingSet
        Labelled images.
    recipe : Recipe
        Algorithm, augmentation and seed; its parameters are replaced by those of the grid.
    n_folds : int
        Folds of the cross-validation; all candidates are judged on the same.
    journal : Journal, optional
        Where finished folds are kept, so that a search that was stopped goes on.
    n_jobs : int, optional
        Folds to work on at once; as many as there are cores by default.
    progress : callable, optional
        Called with the number of fits done and their total.

    Returns
    -------
    list of Candidate
        The most accurate first; among equals, the one tried first.

    Raises
    ------
    VocabularyError
        If there is only one mood, or one with fewer images than folds.
    """
    grid = [
        replace(recipe, parameters=parameters) for parameters in ParameterGrid(ALGORITHMS[recipe.algorithm].grid)
    ]
    judged = judge(
        training_set,
        [Contestant(tried, tuple(training_set.inputs)) for tried in grid],
        n_folds=n_folds,
        random_state=recipe.random_state,
        export=False,
        journal=journal,
        n_jobs=n_jobs,
        progress=progress,
    )
    candidates = [Candidate(tried, folds) for tried, folds in zip(grid, judged, strict=True)]
    return sorted(candidates, key=lambda candidate: -candidate.accuracy)
