"""A comparison as tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable

from rich.table import Table

from imagemood.evaluation.comparison import Cell, Comparison

_COLUMNS: dict[str, tuple[str, Callable[[float], str], Callable[[float], str]]] = {
    "accuracy": ("accuracy", lambda mean: f"{mean:.1%}".replace("%", " %"), lambda sd: f"{100 * sd:.1f}"),
    "macro_f1": ("macro F1", "{:.3f}".format, "{:.3f}".format),
    "mean_recall": ("mean recall", "{:.3f}".format, "{:.3f}".format),
    "log_loss": ("log loss", "{:.3f}".format, "{:.3f}".format),
    "calibration_error": ("calibration", "{:.3f}".format, "{:.3f}".format),
    "fit_s": ("fit s", "{:.1f}".format, "{:.1f}".format),
    "predict_ms": ("ms/image", "{:.2f}".format, "{:.2f}".format),
    "size_mb": ("MB", "{:.2f}".format, "{:.2f}".format),
}


def comparison_tables(comparison: Comparison) -> list[Table]:
    """Draw a comparison.

    Parameters
    ----------
    comparison : Comparison
        Cells and gains.

    Returns
    -------
    list of rich.table.Table
        The cells, each figure with its standard deviation over the folds; and, where there are any, the gains.
    """
    cells = Table(
        header_style="bold",
        box=None,
        pad_edge=False,
        caption=f"{comparison.n_images} images, {comparison.n_folds} folds; mean ± standard deviation over folds; "
        "≈ not told apart from the best",
        caption_justify="left",
    )
    for name in ("algorithm", "inputs", ""):
        cells.add_column(name, no_wrap=True)
    for title, _, _ in _COLUMNS.values():
        cells.add_column(title, justify="right", no_wrap=True)
    for rank, cell in enumerate(comparison.cells):
        cells.add_row(cell.algorithm, "+".join(cell.inputs), _mark(rank, cell), *_figures(cell))
    return [cells, _gains(comparison)] if comparison.gains else [cells]


def _mark(rank: int, cell: Cell) -> str:
    if rank == 0:
        return "best"
    return "" if cell.below_best else "≈"


def _figures(cell: Cell) -> list[str]:
    return [
        f"{show_mean(cell.mean(figure))} ± {show_spread(cell.spread(figure))}"
        for figure, (_, show_mean, show_spread) in _COLUMNS.items()
    ]


def _gains(comparison: Comparison) -> Table:
    table = Table(
        header_style="bold",
        box=None,
        pad_edge=False,
        caption="p: paired test over folds, corrected for their overlap and for the number of gains",
        caption_justify="left",
    )
    for name in ("algorithm", "from", "to"):
        table.add_column(name, no_wrap=True)
    for name in ("accuracy", "macro F1", "p"):
        table.add_column(name, justify="right", no_wrap=True)
    for gain in comparison.gains:
        figures = (f"{100 * gain.accuracy:+.1f} points", f"{gain.macro_f1:+.3f}", f"{gain.p_value:.3f}")
        table.add_row(gain.algorithm, "+".join(gain.over), "+".join(gain.inputs), *figures)
    return table
