from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline

from imagemood.errors import InputError
from imagemood.evaluation.cross_validation import evaluate
from imagemood.evaluation.grid_search import grid_search
from imagemood.evaluation.journal import Journal
from imagemood.learning import ALGORITHMS, Recipe, SquareRoot
from imagemood.learning.augmentation import Augmentation


@pytest.fixture(scope="module")
def results(training_set):
    return grid_search(training_set.select(["tags"]), Recipe("logistic", random_state=2), n_folds=3)


def test_accuracies_agree_with_scikit_learn(results, training_set):
    reference = GridSearchCV(
        make_pipeline(SquareRoot(), LogisticRegression(max_iter=1000, random_state=2)),
        {"logisticregression__C": ALGORITHMS["logistic"].grid["C"]},
        cv=StratifiedKFold(3, shuffle=True, random_state=2),
        scoring="accuracy",
        refit=False,
    ).fit(training_set.tags, training_set.moods)
    expected = dict(
        zip(
            reference.cv_results_["param_logisticregression__C"],
            reference.cv_results_["mean_test_score"],
            strict=True,
        )
    )
    found = {result.candidate.recipe.parameters["C"]: result.mean("accuracy") for result in results}
    assert found == pytest.approx(expected)


def test_the_best_candidate_comes_first_and_equal_ones_keep_the_order_of_the_grid(results):
    accuracies = [result.mean("accuracy") for result in results]
    assert accuracies == sorted(accuracies, reverse=True)
    grid = ALGORITHMS["logistic"].grid["C"]
    for one, next_one in itertools.pairwise(results):
        if one.mean("accuracy") == next_one.mean("accuracy"):
            first, second = (grid.index(r.candidate.recipe.parameters["C"]) for r in (one, next_one))
            assert first < second


def test_all_candidates_use_the_folds_of_an_evaluation(results, training_set):
    alone = evaluate(training_set.select(["tags"]), results[0].candidate.recipe, n_folds=3)
    assert results[0].mean("accuracy") == pytest.approx(alone.accuracy)  # the folds have equal sizes
    assert results[0].std("accuracy") == pytest.approx(alone.spread["accuracy"])


def test_the_rest_of_the_recipe_is_kept(training_set):
    recipe = Recipe("ensemble", {"alpha": 1.0}, Augmentation((0.5, 1.0)), 3, balanced=True)
    results = grid_search(training_set.select(["tags"]), recipe, n_folds=2)
    parameters = [result.candidate.recipe.parameters for result in results]
    expected = [{"C": c, "min_samples_leaf": leaf} for c in (0.5, 2.0) for leaf in (1, 3)]
    assert sorted(map(repr, parameters)) == sorted(map(repr, expected))
    for result in results:
        found = result.candidate.recipe
        assert (found.algorithm, found.augmentation, found.random_state, found.balanced) == (
            "ensemble",
            recipe.augmentation,
            3,
            True,
        )


def test_a_search_resumes(training_set, tmp_path):
    steps = []
    tags_only = training_set.select(["tags"])
    path = tmp_path / "folds.jsonl"

    def search():
        return grid_search(
            tags_only,
            Recipe("logistic"),
            n_folds=3,
            journal=Journal(path),
            progress=lambda *step: steps.append(step),
        )

    first = search()
    assert steps == [(done, 12) for done in range(1, 13)]
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(
        b"".join(lines[:7]) + lines[7][:20]
    )  # as if it had been killed while it wrote the eighth line
    again = search()
    assert steps[12:] == [(done, 12) for done in range(8, 13)]
    assert [result.candidate for result in again] == [result.candidate for result in first]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.values("log_loss"), other.values("log_loss"))


def test_unknown_algorithm(training_set):
    with pytest.raises(InputError, match="unknown algorithm 'magic'"):
        grid_search(training_set, Recipe("magic"))
