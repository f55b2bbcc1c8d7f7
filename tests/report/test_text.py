from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import classification_report

from imagemood.evaluation.cross_validation import evaluate
from imagemood.evaluation.metrics import evaluate_predictions
from imagemood.report import format_evaluation
from imagemood.report.text import percent


def test_every_value_is_in_the_text(training_set):
    evaluation = evaluate(training_set, "logistic", n_folds=3)
    text = format_evaluation(evaluation)
    for name, row in {**evaluation.per_class, **evaluation.averages}.items():
        (line,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
        shown = line.removeprefix(name).split("  ")
        intervals = {**evaluation.intervals.per_class, **evaluation.intervals.averages}[name]
        expected = [f"{row[key]:.2f} [{low:.2f}, {high:.2f}]" for key, (low, high) in intervals.items()]
        assert [cell.strip() for cell in shown if cell] == [*expected, str(row["support"])]
    overall = evaluation.intervals.overall
    assert f"macro F1           {evaluation.macro_f1:.3f} [{overall['macro_f1'][0]:.3f}, " in text
    assert f"log loss           {evaluation.log_loss:.3f} [{overall['log_loss'][0]:.3f}, " in text
    assert f"calibration error  {evaluation.calibration_error:.3f} [" in text
    assert f"top-two accuracy   {percent(evaluation.top_two_accuracy)} [" in text
    assert "over 3 folds" in text
    assert text.endswith(
        "95 % confidence intervals from 1,000 bootstrap resamples of the pictures of each mood, seed 0"
    )
    assert "valence" not in text  # two of the moods are not known


def test_columns_are_aligned_for_names_of_any_length():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    labels = ("a mood with a very long name", "awe")
    lines = format_evaluation(evaluate_predictions(labels, probabilities, labels)).splitlines()
    assert len({len(line) for line in lines[:7] if line}) == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_table_agrees_with_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    labels = ("anger", "awe", "fear")
    moods = rng.choice(labels, 60, p=[0.6, 0.3, 0.1])
    probabilities = rng.dirichlet(np.ones(3), 60)
    predicted = np.array(labels)[probabilities.argmax(axis=1)]
    theirs = classification_report(moods, predicted, zero_division=0).splitlines()
    ours = format_evaluation(evaluate_predictions(moods, probabilities, labels)).splitlines()
    for name in (*labels, "macro avg", "weighted avg"):
        rows = [next(line.split() for line in lines if line.strip().startswith(name)) for lines in (ours, theirs)]
        assert rows[0] == rows[1]


def test_without_folds_there_is_no_spread():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    text = format_evaluation(evaluate_predictions(["awe", "fear"], probabilities, ("awe", "fear")))
    assert "±" not in text
    assert "folds" not in text


def test_spread_over_folds_follows_accuracy_and_macro_f1():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    evaluation = evaluate_predictions(
        ["awe", "awe"], probabilities, ("awe", "fear"), n_folds=5, spread={"accuracy": 0.0123, "macro_f1": 0.0456}
    )
    lines = format_evaluation(evaluation).splitlines()
    assert "accuracy           50.0 %  ± 1.2 % over 5 folds" in lines
    assert "macro F1           0.333  ± 0.046 over 5 folds" in lines


def test_valence_is_shown_with_its_confusions():
    labels = ("anger", "awe", "fear")
    probabilities = np.array([[0.6, 0.1, 0.3], [0.1, 0.8, 0.1], [0.1, 0.6, 0.3], [0.1, 0.1, 0.8]])
    text = format_evaluation(evaluate_predictions(["anger", "awe", "fear", "fear"], probabilities, labels))
    lines = text.splitlines()
    assert "top-two accuracy   100.0 %" in lines
    assert "valence accuracy   75.0 %" in lines
    assert [line.split() for line in lines[-3:]] == [
        ["predicted", "positive", "predicted", "negative"],
        ["positive", "moods", "1", "0"],
        ["negative", "moods", "1", "2"],
    ]


def test_moods_named_like_averages_have_their_own_intervals():
    labels = ("awe", "macro avg")
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    evaluation = evaluate_predictions(["awe", "macro avg", "macro avg"], probabilities, labels, n_resamples=50)
    rows = [line for line in format_evaluation(evaluation).splitlines() if line.startswith("macro avg")]
    assert "1.00 [0.00, 1.00]" in rows[0]
    assert "0.75 [" in rows[1]
