from __future__ import annotations

from imagemood.cli import output
from imagemood.evaluation.comparison import Cell, Comparison, Gain
from imagemood.evaluation.cross_validation import FoldFigures
from imagemood.report import comparison_tables

FOLDS = [
    FoldFigures(0.5, 0.4, 0.45, 1.2, 0.05, 2.0, 0.25, 1.5),
    FoldFigures(0.6, 0.5, 0.55, 1.0, 0.03, 4.0, 0.35, 1.5),
]


def test_tables_show_every_figure_with_its_spread():
    cells = [
        Cell("svm", ("tags", "visual"), FOLDS),
        Cell("rf", ("tags",), FOLDS, p_value=0.2),
        Cell("knn", ("tags",), FOLDS, p_value=0.01),
    ]
    gain = Gain("rf", ("tags",), ("tags", "visual"), 0.012, 0.02, 0.03)
    tables = comparison_tables(Comparison(cells, [gain], 100, 2))
    first, second = (output.render(table) for table in tables)
    best, like_it, below = first.splitlines()[1:4]
    assert best.split()[:5] == ["svm", "tags+visual", "best", "55.0", "%"]
    for figure in ("± 7.1", "0.450 ± 0.071", "0.500 ± 0.071", "1.100 ± 0.141", "0.040 ± 0.014", "3.0 ± 1.4"):
        assert figure in best
    assert "0.30 ± 0.07" in best
    assert "1.50 ± 0.00" in best
    assert like_it.split()[2] == "≈"
    assert below.split()[2] == "55.0"
    assert "100 images, 2 folds" in first
    assert second.splitlines()[1].split() == ["rf", "tags", "tags+visual", "+1.2", "points", "+0.020", "0.030"]


def test_without_gains_there_is_one_table():
    assert len(comparison_tables(Comparison([Cell("rf", ("tags",), FOLDS)], [], 100, 2))) == 1
