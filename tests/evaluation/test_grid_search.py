from __future__ import annotations

import numpy as np
import pytest

from imagemood.evaluation.evaluate import cross_validate
from imagemood.evaluation.grid_search import search
from imagemood.evaluation.journal import Journal
from imagemood.learning import ALGORITHMS, Recipe


def test_every_place_is_tried_on_the_same_folds_and_the_best_comes_first(training_set, tmp_path):
    steps = []
    tags_only = training_set.select(["tags"])
    journal = Journal(tmp_path / "folds.jsonl")
    candidates = search(
        tags_only,
        Recipe("logistic"),
        n_folds=3,
        journal=journal,
        progress=lambda *step: steps.append(step),
    )
    assert steps == [(i, 12) for i in range(1, 13)]
    assert sorted(c.recipe.parameters["C"] for c in candidates) == ALGORITHMS["logistic"].grid["C"]
    accuracies = [candidate.accuracy for candidate in candidates]
    assert accuracies == sorted(accuracies, reverse=True)
    whole = cross_validate(tags_only, candidates[0].recipe, n_folds=3)
    assert accuracies[0] == pytest.approx(whole.accuracy)  # folds of equal size
    assert np.std([fold.accuracy for fold in candidates[0].folds], ddof=1) == pytest.approx(
        whole.spread["accuracy"]
    )
    search(tags_only, Recipe("logistic"), n_folds=3, journal=journal, progress=lambda *step: steps.append(step))
    assert len(steps) == 12  # all there was to do is in the journal
