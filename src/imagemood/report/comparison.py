"""Comparisons of algorithms and inputs as tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich.table import Table

from imagemood.evaluation.candidate import CandidateResult
from imagemood.evaluation.comparison import Comparison, ComparisonRow
from imagemood.report.text import format_evaluation, percent


class _Column(NamedTuple):
    """How one metric of a candidate is shown."""

    metric: str
    title: str
    format_mean: Callable[[float], str]
    format_deviation: Callable[[float], str]


_COLUMNS = (
    _Column("accuracy", "accuracy", percent, lambda sd: f"{100 * sd:.1f}"),
    _Column("macro_f1", "macro F1", "{:.3f}".format, "{:.3f}".format),
    _Column("mean_recall", "mean recall", "{:.3f}".format, "{:.3f}".format),
    _Column("log_loss", "log loss", "{:.3f}".format, "{:.3f}".format),
    _Column("calibration_error", "calibration", "{:.3f}".format, "{:.3f}".format),
    _Column("fit_s", "fit s", "{:.1f}".format, "{:.1f}".format),
    _Column("predict_ms", "ms/picture", "{:.2f}".format, "{:.2f}".format),
    _Column("size_mb", "MB", "{:.2f}".format, "{:.2f}".format),
)


def comparison_tables(comparison: Comparison) -> list[Table]:
    """Return a table of all metrics and, if inputs were compared, a table of the gains of additional inputs."""
    agreement = list(_agreement(comparison.rows[0]))
    table = _table(
        f"{comparison.n_images} pictures, {comparison.n_folds} folds; mean ± standard deviation over folds; "
        "≈ no significant difference from the best",
        left=("algorithm", "inputs", ""),
        right=[*(column.title for column in _COLUMNS), *agreement],
    )
    for rank, row in enumerate(comparison.rows):
        cells = [percent(shares[title]) if (shares := _agreement(row)) else "" for title in agreement]
        names = (row.result.algorithm, "+".join(row.result.inputs), _mark(rank, row))
        table.add_row(*names, *_metrics(row.result), *cells)
    return [table, _gains(comparison)] if comparison.gains else [table]


def format_best(comparison: Comparison) -> str:
    """Return the metrics of the best candidate over all pictures, by mood and with confidence intervals."""
    best = comparison.rows[0]
    if best.evaluation is None:
        return ""
    return f"{best.result.algorithm} on {'+'.join(best.result.inputs)}:\n\n{format_evaluation(best.evaluation)}\n"


def _agreement(row: ComparisonRow) -> dict[str, float]:
    """Return the top-two accuracy and the valence accuracy over all pictures, as far as they are known."""
    if row.evaluation is None:
        return {}
    valence = row.evaluation.valence
    shares = {"top two": row.evaluation.top_two_accuracy, "valence": None if valence is None else valence.accuracy}
    return {title: share for title, share in shares.items() if share is not None}


def _mark(rank: int, row: ComparisonRow) -> str:
    if rank == 0:
        return "best"
    return "" if row.below_best else "≈"


def _metrics(result: CandidateResult) -> list[str]:
    return [
        f"{column.format_mean(result.mean(column.metric))} ± {column.format_deviation(result.std(column.metric))}"
        for column in _COLUMNS
    ]


def _gains(comparison: Comparison) -> Table:
    table = _table(
        "p: paired test over folds, corrected for the overlap of the training sets and for the number of gains",
        left=("algorithm", "from", "to"),
        right=("accuracy", "macro F1", "p"),
    )
    for gain in comparison.gains:
        values = (f"{100 * gain.accuracy:+.1f} points", f"{gain.macro_f1:+.3f}", f"{gain.p_value:.3f}")
        table.add_row(gain.algorithm, "+".join(gain.baseline), "+".join(gain.inputs), *values)
    return table


def _table(caption: str, *, left: tuple[str, ...], right: tuple[str, ...] | list[str]) -> Table:
    """Return an empty table with a caption, and with left-aligned and right-aligned columns."""
    table = Table(header_style="bold", box=None, pad_edge=False, caption=caption, caption_justify="left")
    for title in left:
        table.add_column(title, no_wrap=True)
    for title in right:
        table.add_column(title, justify="right", no_wrap=True)
    return table
