from __future__ import annotations

import pytest

from imagemood.cli import output
from imagemood.evaluation.candidate import Candidate, CandidateResult
from imagemood.evaluation.comparison import Comparison, ComparisonRow, InputGain, compare
from imagemood.evaluation.fold import METRICS, FoldMetrics
from imagemood.learning import Recipe
from imagemood.report import comparison_tables, format_best, format_evaluation
from imagemood.report.comparison import _COLUMNS
from imagemood.report.text import percent

FOLDS = [
    FoldMetrics(0.5, 0.4, 0.45, 1.2, 0.05, 2.0, 0.25, 1.5),
    FoldMetrics(0.6, 0.5, 0.55, 1.0, 0.03, 4.0, 0.35, 1.5),
]


def row(algorithm, inputs, p_value=1.0):
    return ComparisonRow(CandidateResult(Candidate(Recipe(algorithm), inputs), FOLDS), p_value)


ROWS = [row("svm", ("tags", "visual")), row("rf", ("tags",), 0.2), row("knn", ("tags",), 0.01)]
GAIN = InputGain("rf", ("tags",), ("tags", "visual"), 0.012, 0.02, 0.03)


def rendered(comparison):
    return [output.render(table) for table in comparison_tables(comparison)]


def test_tables_show_every_metric_with_its_standard_deviation():
    first, second = rendered(Comparison(ROWS, [GAIN], 100, 2))
    best, similar, worse = first.splitlines()[1:4]
    assert best.split()[:5] == ["svm", "tags+visual", "best", "55.0", "%"]
    for metric in ("± 7.1", "0.450 ± 0.071", "0.500 ± 0.071", "1.100 ± 0.141", "0.040 ± 0.014", "3.0 ± 1.4"):
        assert metric in best
    assert "0.30 ± 0.07" in best
    assert "1.50 ± 0.00" in best
    assert similar.split()[2] == "≈"
    assert worse.split()[2] == "55.0"
    assert "100 pictures, 2 folds" in first
    assert second.splitlines()[1].split() == ["rf", "tags", "tags+visual", "+1.2", "points", "+0.020", "0.030"]


def test_without_gains_there_is_one_table():
    assert len(comparison_tables(Comparison([row("rf", ("tags",))], [], 100, 2))) == 1


def test_there_is_a_column_for_every_metric_of_a_fold():
    assert [column.metric for column in _COLUMNS] == list(METRICS)


def test_columns_have_the_order_of_their_titles():
    (table,) = rendered(Comparison(ROWS, [], 100, 2))
    header = table.splitlines()[0]
    positions = [header.index(column.title) for column in _COLUMNS]
    assert positions == sorted(positions)
    assert header.split()[:2] == ["algorithm", "inputs"]


def test_the_first_row_is_the_best_and_the_caption_explains_the_mark():
    (table,) = rendered(Comparison(ROWS[1:], [], 40, 2))
    assert table.splitlines()[1].split()[:3] == ["rf", "tags", "best"]
    assert "≈ no significant difference from the best" in " ".join(table.split())


@pytest.mark.parametrize(("accuracy", "shown"), [(0.05, "+5.0"), (-0.0312, "-3.1"), (0.0, "+0.0")])
def test_gains_have_a_sign(accuracy, shown):
    gain = InputGain("rf", ("tags",), ("tags", "visual"), accuracy, -accuracy, 0.5)
    _, gains = rendered(Comparison(ROWS, [gain], 100, 2))
    assert gains.splitlines()[1].split()[3] == shown
    assert "corrected for the overlap of the training sets" in " ".join(gains.split())


def test_the_best_candidate_is_shown_by_mood(training_set):
    comparison = compare(training_set, ["logistic"], [("tags",), ("embedding",)], n_folds=2)
    best = comparison.rows[0]
    title, text = format_best(comparison).split(":\n\n", 1)
    assert title == f"logistic on {best.result.inputs[0]}"
    assert text == format_evaluation(best.evaluation) + "\n"
    table = rendered(comparison)[0]
    assert table.splitlines()[0].split()[-2:] == ["top", "two"]
    assert table.splitlines()[1].endswith(percent(best.evaluation.top_two_accuracy))


def test_without_predictions_there_is_nothing_by_mood():
    assert format_best(Comparison(ROWS, [GAIN], 100, 2)) == ""
