from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from imagemood.errors import InputError, VocabularyError
from imagemood.evaluation.comparison import FIGURES, compare
from imagemood.evaluation.cross_validation import Contestant, judge
from imagemood.evaluation.evaluate import cross_validate, split
from imagemood.evaluation.journal import Journal
from imagemood.evaluation.significance import corrected_t_test
from imagemood.learning import Recipe

INPUT_SETS = [("tags",), ("tags", "embedding")]


def test_cells_have_the_figures_of_cross_validation(training_set):
    comparison = compare(training_set, ["logistic", "mlp"], INPUT_SETS, n_folds=3, random_state=4)
    assert len(comparison.cells) == 4
    for cell in comparison.cells:
        recipe = Recipe(cell.algorithm, random_state=4)
        whole = cross_validate(training_set.select(cell.inputs), recipe, n_folds=3)
        folds = split(training_set.moods, n_folds=3, random_state=4)
        answers = np.array(whole.labels)[whole.probabilities.argmax(axis=1)]
        truth = np.array(training_set.moods)
        assert [fold.accuracy for fold in cell.folds] == [np.mean(answers[t] == truth[t]) for _, t in folds]
        recalls = [balanced_accuracy_score(truth[test], answers[test]) for _, test in folds]
        assert cell.mean("mean_recall") == pytest.approx(np.mean(recalls))
        assert cell.spread("accuracy") == pytest.approx(whole.spread["accuracy"])
        assert cell.mean("fit_s") > 0
        assert cell.mean("predict_ms") > 0
        assert cell.mean("size_mb") > 0
    assert json.loads(json.dumps(comparison.to_dict()))["cells"][0]["accuracy"]["mean"] > 0.8


def test_the_best_comes_first_and_worse_ones_are_marked(training_set):
    """Moods dealt anew at random leave nothing to learn: far below what the true ones allow."""
    moods = np.random.default_rng(0).permutation(training_set.moods).tolist()
    spoiled = training_set.select(["embedding"]).embedding[np.argsort(moods, kind="stable")]
    data = type(training_set)(training_set.tags, training_set.vocabulary, training_set.moods, spoiled)
    comparison = compare(data, ["logistic"], [("embedding",), ("tags",)], n_folds=5)
    best, other = comparison.cells
    assert best.inputs == ("tags",)
    assert not best.below_best
    assert best.p_value == 1
    assert other.below_best
    differences = [a.accuracy - b.accuracy for a, b in zip(best.folds, other.folds, strict=True)]
    assert other.p_value == pytest.approx(corrected_t_test(differences, n_train=192, n_test=48))


def test_gains_set_larger_inputs_against_smaller_ones(training_set):
    visual = np.zeros((240, 2), dtype=np.float32)
    data = replace(training_set, visual=visual, visual_names=("a", "b"))
    everything = ("tags", "embedding", "visual")
    input_sets = [("tags",), ("embedding",), ("tags", "visual"), everything]
    comparison = compare(data, ["logistic"], input_sets, n_folds=3)
    assert {(gain.over, gain.inputs) for gain in comparison.gains} == {
        (("tags",), ("tags", "visual")),
        (("tags", "visual"), everything),
        (("embedding",), everything),
    }
    means = {cell.inputs: cell.mean("accuracy") for cell in comparison.cells}
    for gain in comparison.gains:
        assert gain.accuracy == pytest.approx(means[gain.inputs] - means[gain.over])


class StoppedError(Exception):
    pass


@pytest.mark.parametrize("stop_after", [1, 4, 5])
def test_a_comparison_that_was_stopped_goes_on(training_set, tmp_path, stop_after):
    path = tmp_path / "folds.jsonl"

    def stop(done, total):
        if done == stop_after:
            raise StoppedError

    with pytest.raises(StoppedError):
        compare(training_set, ["logistic"], INPUT_SETS, n_folds=3, journal=Journal(path), progress=stop)
    n_kept = len(Journal(path))
    assert n_kept >= stop_after
    steps = []
    resumed = compare(
        training_set,
        ["logistic"],
        INPUT_SETS,
        n_folds=3,
        journal=Journal(path),
        progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(done, 6) for done in range(n_kept + 1, 7)]
    assert len(Journal(path)) == 6
    fresh = compare(training_set, ["logistic"], INPUT_SETS, n_folds=3)
    for ours, theirs in zip(resumed.cells, fresh.cells, strict=True):
        for figure in FIGURES[:5]:
            assert ours.mean(figure) == theirs.mean(figure)


def test_other_data_seeds_and_parameters_are_other_pieces(training_set, tmp_path):
    journal = Journal(tmp_path / "folds.jsonl")
    contestant = Contestant(Recipe("logistic"), ("tags",))
    judge(training_set, [contestant], n_folds=3, journal=journal)
    assert len(journal) == 3
    judge(training_set.take(range(200)), [contestant], n_folds=3, journal=journal)
    judge(training_set, [contestant], n_folds=3, random_state=1, journal=journal)
    judge(training_set, [Contestant(Recipe("logistic", {"C": 1.0}), ("tags",))], n_folds=3, journal=journal)
    assert len(journal) == 12


def test_what_cannot_be_compared(training_set):
    with pytest.raises(InputError, match="there is no input 'visual' to learn from"):
        compare(training_set, ["logistic"], [("tags", "visual")])
    with pytest.raises(InputError, match="unknown algorithm 'magic'"):
        compare(training_set, ["magic"], [("tags",)], n_folds=3)
    with pytest.raises(VocabularyError, match="'quiet fear' has 40"):
        compare(training_set, ["logistic"], [("tags",)], n_folds=41)
