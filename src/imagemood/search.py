"""Find the best parameters of an algorithm, by cross-validation over its grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sklearn.model_selection import ParameterGrid

from imagemood.evaluate import cross_validate
from imagemood.learn import GRIDS, Recipe, TrainingSet
from imagemood.metrics import Evaluation


@dataclass(frozen=True)
class Candidate:
    """One place of the grid and how well it did.

    Attributes
    ----------
    recipe : Recipe
        What was tried.
    evaluation : Evaluation
        Its cross-validated figures.
    """

    recipe: Recipe
    evaluation: Evaluation


def search(
    training_set: TrainingSet,
    recipe: Recipe,
    *,
    n_folds: int = 5,
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
    n_jobs : int, optional
        Cores to use; all by default.
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
    grid = list(ParameterGrid(GRIDS[recipe.algorithm]))
    candidates = []
    for place, parameters in enumerate(grid):

        def tick(done: int, total: int, place: int = place) -> None:
            if progress is not None:
                progress(place * total + done, len(grid) * total)

        tried = replace(recipe, parameters=parameters)
        judged = cross_validate(training_set, tried, n_folds=n_folds, n_jobs=n_jobs, progress=tick)
        candidates.append(Candidate(tried, judged))
    return sorted(candidates, key=lambda candidate: -candidate.evaluation.accuracy)
