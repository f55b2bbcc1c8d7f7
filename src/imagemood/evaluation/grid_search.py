"""Finds the best parameters of an algorithm by cross-validation over its grid."""

from __future__ import annotations

from dataclasses import replace

from sklearn.model_selection import ParameterGrid

from imagemood.evaluation.candidate import Candidate, CandidateResult
from imagemood.evaluation.cross_validation import Progress, cross_validate
from imagemood.evaluation.journal import Journal
from imagemood.learning import Recipe, TrainingSet, get_algorithm


def grid_search(
    training_set: TrainingSet,
    recipe: Recipe,
    *,
    n_folds: int = 5,
    journal: Journal | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> list[CandidateResult]:
    """Evaluate all combinations of parameters in the grid of a recipe's algorithm.

    The grid replaces the parameters of the recipe. The result is sorted by accuracy, the best candidate first;
    equal candidates keep the order of the grid. See `imagemood.evaluation.cross_validation.cross_validate` for the
    other parameters.
    """
    grid = ParameterGrid(dict(get_algorithm(recipe.algorithm).grid))
    inputs = tuple(training_set.inputs)
    results = cross_validate(
        training_set,
        [Candidate(replace(recipe, parameters=parameters), inputs) for parameters in grid],
        n_folds=n_folds,
        random_state=recipe.random_state,
        export=False,
        journal=journal,
        n_jobs=n_jobs,
        progress=progress,
    )
    return sorted(results, key=lambda result: -result.mean("accuracy"))
