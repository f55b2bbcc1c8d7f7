from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from imagemood.errors import InputError, VocabularyError
from imagemood.evaluation.comparison import compare
from imagemood.evaluation.cross_validation import evaluate
from imagemood.evaluation.fold import METRICS, split_folds
from imagemood.evaluation.journal import Journal
from imagemood.evaluation.significance import corrected_t_test, holm
from imagemood.learning import Recipe

INPUT_SETS = [("tags",), ("tags", "embedding")]


@pytest.fixture(scope="module")
def comparison(training_set):
    return compare(training_set, ["logistic", "mlp"], INPUT_SETS, n_folds=3, random_state=4)


def test_rows_have_the_metrics_of_a_single_evaluation(comparison, training_set):
    """A comparison evaluates exported models in processes, an evaluation scikit-learn's models in threads."""
    assert len(comparison.rows) == 4
    truth = np.array(training_set.moods)
    folds = split_folds(training_set.moods, n_folds=3, random_state=4)
    for row in comparison.rows:
        result = row.result
        alone = evaluate(training_set.select(result.inputs), Recipe(result.algorithm, random_state=4), n_folds=3)
        predicted = np.array(alone.labels)[alone.probabilities.argmax(axis=1)]
        assert result.values("accuracy").tolist() == [np.mean(predicted[t] == truth[t]) for _, t in folds]
        recalls = [balanced_accuracy_score(truth[test], predicted[test]) for _, test in folds]
        assert result.mean("mean_recall") == pytest.approx(np.mean(recalls))
        assert result.std("accuracy") == pytest.approx(alone.spread["accuracy"])
        for metric in ("accuracy", "log_loss", "top_two_accuracy"):
            assert getattr(row.evaluation, metric) == pytest.approx(getattr(alone, metric), abs=1e-5)
        assert row.evaluation.intervals.per_class.keys() == set(training_set.moods)
        assert result.mean("fit_s") > 0
        assert result.mean("predict_ms") > 0
        assert result.mean("size_mb") > 0


def test_the_comparison_can_be_written_as_json(comparison):
    values = json.loads(json.dumps(comparison.to_dict()))
    assert (values["n_images"], values["n_folds"]) == (240, 3)
    assert [cell["accuracy"]["mean"] for cell in values["cells"]] == sorted(
        (cell["accuracy"]["mean"] for cell in values["cells"]), reverse=True
    )
    assert values["cells"][0]["accuracy"]["mean"] > 0.8
    for cell, row in zip(values["cells"], comparison.rows, strict=True):
        assert set(cell) == {"algorithm", "inputs", "p_value", "below_best", "folds", "evaluation", *METRICS}
        assert [set(fold) for fold in cell["folds"]] == [set(METRICS)] * 3
        assert cell["inputs"] == "+".join(row.result.inputs)
        assert cell["evaluation"]["accuracy"] == pytest.approx(cell["accuracy"]["mean"])
        assert cell["evaluation"]["intervals"]["n_resamples"] == 1000
        assert cell["log_loss"]["spread"] == pytest.approx(
            np.std([fold["log_loss"] for fold in cell["folds"]], ddof=1)
        )
    assert {(gain["over"], gain["inputs"]) for gain in values["gains"]} == {("tags", "tags+embedding")}


def test_the_best_comes_first_and_significantly_worse_rows_are_marked(training_set):
    """An embedding in random order contains no information about the moods."""
    order = np.random.default_rng(0).permutation(len(training_set.moods))
    data = replace(training_set, embedding=training_set.embedding[order])
    comparison = compare(data, ["logistic"], [("embedding",), ("tags",)], n_folds=5)
    best, other = comparison.rows
    assert best.result.inputs == ("tags",)
    assert not best.below_best
    assert best.p_value == 1
    assert other.below_best
    differences = best.result.values("accuracy") - other.result.values("accuracy")
    assert other.p_value == pytest.approx(corrected_t_test(differences, n_train=192, n_test=48))


def test_p_values_are_corrected_for_the_number_of_candidates(comparison):
    best, *others = comparison.rows
    raw = [
        corrected_t_test(best.result.values("accuracy") - row.result.values("accuracy"), n_train=160, n_test=80)
        for row in others
    ]
    assert [row.p_value for row in others] == pytest.approx(holm(raw).tolist())


def test_gains_compare_larger_inputs_with_their_largest_subsets(training_set):
    visual = np.zeros((240, 2), dtype=np.float32)
    data = replace(training_set, visual=visual, visual_names=("a", "b"))
    all_inputs = ("tags", "embedding", "visual")
    input_sets = [("tags",), ("embedding",), ("tags", "visual"), all_inputs]
    comparison = compare(data, ["logistic"], input_sets, n_folds=3)
    assert {(gain.baseline, gain.inputs) for gain in comparison.gains} == {
        (("tags",), ("tags", "visual")),
        (("tags", "visual"), all_inputs),
        (("embedding",), all_inputs),
    }
    accuracy = {row.result.inputs: row.result.mean("accuracy") for row in comparison.rows}
    macro_f1 = {row.result.inputs: row.result.mean("macro_f1") for row in comparison.rows}
    for gain in comparison.gains:
        assert gain.algorithm == "logistic"
        assert gain.accuracy == pytest.approx(accuracy[gain.inputs] - accuracy[gain.baseline])
        assert gain.macro_f1 == pytest.approx(macro_f1[gain.inputs] - macro_f1[gain.baseline])
        assert 0 <= gain.p_value <= 1


def test_balanced_training_is_passed_on(training_set):
    """A mood that is rare is predicted more often if all moods have the same weight."""
    plain, balanced = (
        compare(training_set, ["logistic"], [("tags",)], n_folds=2, balanced=balanced)
        for balanced in (False, True)
    )
    assert balanced.rows[0].result.candidate.recipe.balanced
    assert balanced.rows[0].result.mean("log_loss") != plain.rows[0].result.mean("log_loss")


class StoppedError(Exception):
    """Ends a run before all folds have finished."""


@pytest.mark.parametrize("stop_after", [1, 5])
def test_an_interrupted_comparison_resumes(training_set, tmp_path, stop_after):
    path = tmp_path / "folds.jsonl"

    def stop(done, total):
        if done == stop_after:
            raise StoppedError

    with pytest.raises(StoppedError):
        compare(training_set, ["logistic"], INPUT_SETS, n_folds=3, journal=Journal(path), progress=stop)
    n_kept = len(Journal(path))
    assert n_kept == stop_after
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
    for ours, theirs in zip(resumed.rows, fresh.rows, strict=True):
        for metric in METRICS[:5]:
            assert ours.result.mean(metric) == theirs.result.mean(metric)


def test_invalid_comparisons(training_set):
    with pytest.raises(InputError, match="'visual'"):
        compare(training_set, ["logistic"], [("tags", "visual")])
    with pytest.raises(InputError, match="unknown algorithm 'magic'"):
        compare(training_set, ["magic"], [("tags",)], n_folds=3)
    with pytest.raises(VocabularyError, match="'quiet fear' has 40"):
        compare(training_set, ["logistic"], [("tags",)], n_folds=41)
