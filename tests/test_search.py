from __future__ import annotations

from imagemood.evaluate import cross_validate
from imagemood.learn import GRIDS, Recipe
from imagemood.search import search


def test_every_place_is_tried_on_the_same_folds_and_the_best_comes_first(training_set):
    steps = []
    tags_only = training_set.select(["tags"])
    candidates = search(tags_only, Recipe("logistic"), n_folds=3, progress=lambda *step: steps.append(step))
    assert steps == [(i, 12) for i in range(1, 13)]
    assert sorted(c.recipe.parameters["C"] for c in candidates) == GRIDS["logistic"]["C"]
    accuracies = [candidate.evaluation.accuracy for candidate in candidates]
    assert accuracies == sorted(accuracies, reverse=True)
    assert cross_validate(tags_only, candidates[0].recipe, n_folds=3).accuracy == accuracies[0]
