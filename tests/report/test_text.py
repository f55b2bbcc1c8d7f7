from __future__ import annotations

import numpy as np

from imagemood.evaluation.evaluate import cross_validate
from imagemood.evaluation.metrics import evaluate_predictions
from imagemood.report import render_text


def test_every_figure_is_in_the_text(training_set):
    judged = cross_validate(training_set, "logistic", n_folds=3)
    text = render_text(judged)
    for name, row in {**judged.per_class, **judged.averages}.items():
        (line,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
        shown = line.removeprefix(name).split()
        assert shown == [f"{row[key]:.2f}" for key in ("precision", "recall", "f1")] + [str(row["support"])]
    assert f"{judged.macro_f1:.3f}" in text
    assert "over 3 folds" in text


def test_columns_stay_in_line_whatever_the_names():
    answers = np.array([[0.9, 0.1], [0.2, 0.8]])
    labels = ("a mood with a very long name", "awe")
    lines = render_text(evaluate_predictions(labels, answers, labels)).splitlines()
    assert len({len(line) for line in lines[:7] if line}) == 1
