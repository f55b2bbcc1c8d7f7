from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline

from imagemood.errors import InputError, VocabularyError
from imagemood.evaluation.candidate import Candidate
from imagemood.evaluation.cross_validation import cross_validate, evaluate
from imagemood.evaluation.fold import METRICS, split_folds
from imagemood.evaluation.journal import Journal
from imagemood.learning import ALGORITHMS, Recipe, SquareRoot
from imagemood.learning.augmentation import Augmentation

TAGS = ("tags",)
LOGISTIC = Candidate(Recipe("logistic"), TAGS)


class StoppedError(Exception):
    """Ends a run before all folds have finished."""


def interrupt_after(n_folds):
    def progress(done, total):
        if done == n_folds:
            raise StoppedError

    return progress


def reference_estimator(random_state):
    """Logistic regression on tags, built from scikit-learn alone."""
    return make_pipeline(SquareRoot(), LogisticRegression(C=2.0, max_iter=1000, random_state=random_state))


def test_probabilities_agree_with_scikit_learn(training_set):
    tags_only = training_set.select(TAGS)
    evaluation = evaluate(tags_only, Recipe("logistic", random_state=7), n_folds=4)
    expected = cross_val_predict(
        reference_estimator(7),
        tags_only.tags,
        tags_only.moods,
        cv=StratifiedKFold(4, shuffle=True, random_state=7),
        method="predict_proba",
    )
    np.testing.assert_allclose(evaluation.probabilities, expected, atol=1e-6)
    assert evaluation.n_folds == 4
    assert evaluation.n_images == 240
    assert evaluation.log_loss == pytest.approx(log_loss(tags_only.moods, expected), rel=1e-4)


@pytest.mark.parametrize("backend", ["threads", "processes"])
@pytest.mark.parametrize("export", [False, True])
def test_metrics_of_each_fold_agree_with_scikit_learn(training_set, backend, export):
    (result,) = cross_validate(training_set, [LOGISTIC], n_folds=3, export=export, backend=backend)
    for metric, scoring in (
        ("accuracy", "accuracy"),
        ("macro_f1", "f1_macro"),
        ("mean_recall", "balanced_accuracy"),
        ("log_loss", "neg_log_loss"),
    ):
        folds = StratifiedKFold(3, shuffle=True, random_state=0)
        expected = cross_val_score(
            reference_estimator(0), training_set.tags, training_set.moods, cv=folds, scoring=scoring
        )
        np.testing.assert_allclose(result.values(metric), np.abs(expected), rtol=1e-4)
        assert result.mean(metric) == pytest.approx(np.abs(expected).mean(), rel=1e-4)
        assert result.std(metric) == pytest.approx(np.std(expected, ddof=1), rel=1e-3, abs=1e-9)
    assert result.mean("fit_s") > 0
    assert (result.mean("size_mb") > 0) == export
    assert (result.mean("predict_ms") > 0) == export


def test_threads_and_processes_agree(training_set):
    candidates = [Candidate(Recipe(name), TAGS) for name in ("logistic", "extra-trees")]
    by_backend = [
        cross_validate(training_set, candidates, n_folds=2, export=False, keep_probabilities=True, backend=backend)
        for backend in ("threads", "processes")
    ]
    for one, other in zip(*by_backend, strict=True):
        np.testing.assert_allclose(one.probabilities, other.probabilities, atol=1e-9)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_can_be_evaluated(training_set, algorithm):
    steps = []
    evaluation = evaluate(training_set, algorithm, n_folds=3, progress=lambda *step: steps.append(step))
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert evaluation.accuracy > 0.8
    assert 0 <= evaluation.spread["accuracy"] < 0.2
    np.testing.assert_allclose(evaluation.probabilities.sum(axis=1), 1)
    assert json.loads(json.dumps(evaluation.to_dict()))["macro_f1"] == evaluation.macro_f1


def test_the_spread_is_the_standard_deviation_over_the_folds(training_set):
    evaluation = evaluate(training_set, "logistic", n_folds=3)
    truth = np.array(training_set.moods)
    predicted = np.array(evaluation.labels)[evaluation.probabilities.argmax(axis=1)]
    folds = split_folds(training_set.moods, n_folds=3, random_state=0)
    accuracies = [np.mean(predicted[test] == truth[test]) for _, test in folds]
    assert evaluation.spread["accuracy"] == pytest.approx(np.std(accuracies, ddof=1))
    assert evaluation.accuracy == pytest.approx(np.mean(predicted == truth))
    recall = balanced_accuracy_score(truth, predicted)
    assert evaluation.averages["macro avg"]["recall"] == pytest.approx(recall)


def test_candidates_with_fewer_training_images(training_set):
    """Each fold trains on a sample of its training part, and predicts the same test images."""
    small, whole = cross_validate(
        training_set,
        [Candidate(Recipe("logistic"), TAGS, 40), LOGISTIC],
        n_folds=3,
        export=False,
        keep_probabilities=True,
    )
    for train_index, test_index in split_folds(training_set.moods, n_folds=3, random_state=0):
        sample = training_set.take(train_index).sample(40)
        estimator = reference_estimator(0).fit(sample.tags, sample.moods)
        expected = estimator.predict_proba(training_set.tags[test_index])
        np.testing.assert_allclose(small.probabilities[test_index], expected, atol=1e-6)
    assert small.mean("log_loss") > whole.mean("log_loss")


def test_only_training_images_are_augmented(training_set):
    recipe = Recipe("logistic", augmentation=Augmentation((0.5, 1.0)))
    evaluation = evaluate(training_set, recipe, n_folds=3)
    assert evaluation.n_images == 240
    assert evaluation.accuracy > 0.8


def test_probabilities_are_returned_on_request_only(training_set, tmp_path):
    journal = Journal(tmp_path / "folds.jsonl")
    (without,) = cross_validate(training_set, [LOGISTIC], n_folds=2, export=False, journal=journal)
    assert without.probabilities.shape == (0, 0)
    assert b"probabilities" not in (tmp_path / "folds.jsonl").read_bytes()
    (result,) = cross_validate(
        training_set, [LOGISTIC], n_folds=2, export=False, keep_probabilities=True, journal=journal
    )
    assert result.probabilities.shape == (240, 3)
    assert len(journal) == 4


@pytest.mark.parametrize("n_kept", [1, 2])
def test_an_interrupted_evaluation_resumes(training_set, tmp_path, n_kept):
    path = tmp_path / "folds.jsonl"
    recipe = Recipe(
        "rf", {"n_estimators": 10}
    )  # one fold after the other, so the number of finished folds is known
    with pytest.raises(StoppedError):
        evaluate(training_set, recipe, n_folds=3, journal=Journal(path), progress=interrupt_after(n_kept))
    assert len(Journal(path)) == n_kept
    steps = []
    resumed = evaluate(
        training_set, recipe, n_folds=3, journal=Journal(path), progress=lambda *step: steps.append(step)
    )
    assert steps == [(done, 3) for done in range(n_kept + 1, 4)]
    fresh = evaluate(training_set, recipe, n_folds=3)
    np.testing.assert_allclose(resumed.probabilities, fresh.probabilities, atol=1e-12)
    assert resumed.spread == pytest.approx(fresh.spread)
    assert (resumed.accuracy, resumed.macro_f1) == (fresh.accuracy, fresh.macro_f1)


@pytest.mark.parametrize("backend", ["threads", "processes"])
@pytest.mark.parametrize("n_finished", [1, 4, 5])
def test_interrupted_candidates_resume(training_set, tmp_path, backend, n_finished):
    path = tmp_path / "folds.jsonl"
    candidates = [LOGISTIC, Candidate(Recipe("logistic"), ("tags", "embedding"))]
    with pytest.raises(StoppedError):
        cross_validate(
            training_set,
            candidates,
            n_folds=3,
            backend=backend,
            journal=Journal(path),
            progress=interrupt_after(n_finished),
        )
    recorded = path.read_bytes()
    n_kept = len(Journal(path))
    assert n_kept == n_finished
    steps = []
    resumed = cross_validate(
        training_set,
        candidates,
        n_folds=3,
        backend=backend,
        journal=Journal(path),
        progress=lambda *step: steps.append(step),
    )
    assert steps == [(done, 6) for done in range(n_kept + 1, 7)]
    assert path.read_bytes().startswith(recorded)
    fresh = cross_validate(training_set, candidates, n_folds=3, backend=backend)
    for ours, theirs in zip(resumed, fresh, strict=True):
        for metric in METRICS[:5]:
            np.testing.assert_allclose(ours.values(metric), theirs.values(metric), rtol=1e-6)


def test_finished_folds_are_not_evaluated_again(training_set, tmp_path, monkeypatch):
    path = tmp_path / "folds.jsonl"
    first = evaluate(training_set, "logistic", n_folds=3, journal=Journal(path))

    def fail(*_args, **_options):
        raise AssertionError("evaluated again")

    monkeypatch.setattr("imagemood.evaluation.cross_validation.evaluate_fold", fail)
    again = evaluate(training_set, "logistic", n_folds=3, journal=Journal(path))
    assert again.to_dict() == first.to_dict()
    np.testing.assert_array_equal(again.probabilities, first.probabilities)


def test_a_journal_distinguishes_data_seeds_folds_sizes_and_parameters(training_set, tmp_path):
    journal = Journal(tmp_path / "folds.jsonl")
    options = {"export": False, "backend": "threads", "journal": journal}
    cross_validate(training_set, [LOGISTIC], n_folds=3, **options)
    assert len(journal) == 3
    cross_validate(training_set, [LOGISTIC], n_folds=3, **options)
    assert len(journal) == 3
    cross_validate(training_set.take(range(200)), [LOGISTIC], n_folds=3, **options)
    cross_validate(training_set, [LOGISTIC], n_folds=3, random_state=1, **options)
    cross_validate(training_set, [LOGISTIC], n_folds=2, **options)
    cross_validate(training_set, [Candidate(Recipe("logistic"), TAGS, 60)], n_folds=3, **options)
    cross_validate(training_set, [Candidate(Recipe("logistic", {"C": 1.0}), TAGS)], n_folds=3, **options)
    assert len(journal) == 3 + 3 + 3 + 2 + 3 + 3


@pytest.mark.parametrize("backend", ["threads", "processes"])
def test_errors_of_a_fold_are_raised(training_set, backend):
    unknown = Candidate(Recipe("logistic", {"depth": 3}), TAGS)
    with pytest.raises(InputError, match="'logistic' has no parameter 'depth'"):
        cross_validate(training_set, [unknown], n_folds=2, backend=backend)


def test_invalid_candidates(training_set):
    with pytest.raises(InputError, match="'visual'"):
        cross_validate(training_set, [Candidate(Recipe("logistic"), ("tags", "visual"))])
    with pytest.raises(InputError, match="unknown algorithm 'magic'"):
        cross_validate(training_set, [Candidate(Recipe("magic"), TAGS)], n_folds=3)
    with pytest.raises(VocabularyError, match="'quiet fear' has 40"):
        cross_validate(training_set, [LOGISTIC], n_folds=41)
    with pytest.raises(VocabularyError, match="each mood needs 41 images, but 'quiet fear' has 40"):
        evaluate(training_set, "logistic", n_folds=41)
