from __future__ import annotations

import dataclasses

import pytest

from imagemood.cli import output
from imagemood.evaluation.comparison import Cell, Comparison, Gain
from imagemood.evaluation.cross_validation import FoldFigures
from imagemood.report import comparison_tables
from imagemood.report.comparison import _COLUMNS

FOLDS = [
    FoldFigures(0.5, 0.4, 0.45, 1.2, 0.05, 2.0, 0.25, 1.5),
    FoldFigures(0.6, 0.5, 0.55, 1.0, 0.03, 4.0, 0.35, 1.5),
]
CELLS = [
    Cell("svm", ("tags", "visual"), FOLDS),
    Cell("rf", ("tags",), FOLDS, p_value=0.2),
    Cell("knn", ("tags",), FOLDS, p_value=0.01),
]
GAIN = Gain("rf", ("tags",), ("tags", "visual"), 0.012, 0.02, 0.03)


def rendered(comparison):
    return [output.render(table) for table in comparison_tables(comparison)]


def test_tables_show_every_metric_with_its_standard_deviation():
    first, second = rendered(Comparison(CELLS, [GAIN], 100, 2))
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
    assert len(comparison_tables(Comparison([Cell("rf", ("tags",), FOLDS)], [], 100, 2))) == 1


def test_there_is_a_column_for_every_metric_of_a_fold():
    assert [column.metric for column in _COLUMNS] == [field.name for field in dataclasses.fields(FoldFigures)]


def test_columns_have_the_order_of_their_titles():
    (table,) = rendered(Comparison(CELLS, [], 100, 2))
    header = table.splitlines()[0]
    positions = [header.index(column.title) for column in _COLUMNS]
    assert positions == sorted(positions)
    assert header.split()[:2] == ["algorithm", "inputs"]


def test_the_first_cell_is_the_best_and_the_caption_explains_the_mark():
    (table,) = rendered(Comparison(CELLS[1:], [], 40, 2))
    assert table.splitlines()[1].split()[:3] == ["rf", "tags", "best"]
    assert "≈ no significant difference from the best" in " ".join(table.split())


@pytest.mark.parametrize(("accuracy", "shown"), [(0.05, "+5.0"), (-0.0312, "-3.1"), (0.0, "+0.0")])
def test_gains_have_a_sign(accuracy, shown):
    gain = Gain("rf", ("tags",), ("tags", "visual"), accuracy, -accuracy, 0.5)
    _, gains = rendered(Comparison(CELLS, [gain], 100, 2))
    assert gains.splitlines()[1].split()[3] == shown
    assert "corrected for the overlap of the training sets" in " ".join(gains.split())
