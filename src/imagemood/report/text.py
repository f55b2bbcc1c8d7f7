"""Evaluations as plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len

from imagemood._text import short_label
from imagemood.evaluation.agreement import Valence
from imagemood.evaluation.intervals import Interval, Intervals
from imagemood.evaluation.metrics import Evaluation

_BY_MOOD = ("precision", "recall", "f1")


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal.

    Examples
    --------
    >>> percent(0.625)
    '62.5 %'
    """
    return f"{share:.1%}".replace("%", " %")


def with_interval(value: float, interval: Interval | None, show: Callable[[float], str]) -> str:
    """Return a value as text, followed by its confidence interval, if there is one, in brackets.

    Examples
    --------
    >>> with_interval(0.5, (0.4, 0.6), "{:.2f}".format)
    '0.50 [0.40, 0.60]'
    """
    return show(value) if interval is None else f"{show(value)} [{show(interval[0])}, {show(interval[1])}]"


def explain_intervals(intervals: Intervals) -> str:
    """Return a sentence that says what the intervals in brackets are.

    Examples
    --------
    >>> explain_intervals(Intervals({}, {}, {}, n_resamples=1000, random_state=0))
    '[ ]: 95 % confidence intervals from 1,000 bootstrap resamples of the pictures of each mood, seed 0'
    """
    level = f"{intervals.confidence_level:.0%}".replace("%", " %")
    resamples = f"{intervals.n_resamples:,} bootstrap resamples of the pictures of each mood"
    return f"[ ]: {level} confidence intervals from {resamples}, seed {intervals.random_state}"


def format_evaluation(evaluation: Evaluation) -> str:
    """Return a table of precision, recall, F1 and support by mood, followed by the overall metrics.

    Confidence intervals, if they were computed, are in brackets.

    Examples
    --------
    >>> import numpy as np
    >>> from imagemood.evaluation.metrics import evaluate_predictions
    >>> probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    >>> print(format_evaluation(evaluate_predictions(["awe", "fear"], probabilities, ("awe", "fear"))))
                  precision  recall    f1  support
    <BLANKLINE>
    awe                1.00    1.00  1.00        1
    fear               1.00    1.00  1.00        1
    <BLANKLINE>
    macro avg          1.00    1.00  1.00        2
    weighted avg       1.00    1.00  1.00        2
    <BLANKLINE>
    accuracy           100.0 %
    macro F1           1.000
    log loss           0.164
    calibration error  0.150
    valence accuracy   100.0 %
    <BLANKLINE>
                    predicted positive  predicted negative
    positive moods                   1                   0
    negative moods                   0                   1
    """
    intervals = evaluation.intervals
    moods = _rows(evaluation.per_class, intervals.per_class if intervals else {})
    averages = _rows(evaluation.averages, intervals.averages if intervals else {})
    header, *rows = _aligned([["", *_BY_MOOD, "support"], *moods, *averages])
    parts = [[header], rows[: len(moods)], rows[len(moods) :], _overall(evaluation)]
    if evaluation.valence is not None:
        parts.append(_confusions(evaluation.valence))
    if intervals is not None:
        parts.append([explain_intervals(intervals)])
    return "\n\n".join("\n".join(part) for part in parts)


def _rows(
    metrics: Mapping[str, Mapping[str, float]], intervals: Mapping[str, Mapping[str, Interval]]
) -> list[list[str]]:
    """Return the cells of the rows of moods or averages."""
    return [
        [
            short_label(name),
            *(
                with_interval(row[metric], intervals.get(name, {}).get(metric), "{:.2f}".format)
                for metric in _BY_MOOD
            ),
            str(row["support"]),
        ]
        for name, row in metrics.items()
    ]


def _overall(evaluation: Evaluation) -> list[str]:
    """Return a line for each metric over all moods."""
    valence = None if evaluation.valence is None else evaluation.valence.accuracy
    shown: list[tuple[str, str, float | None, Callable[[float], str]]] = [
        ("accuracy", "accuracy", evaluation.accuracy, percent),
        ("macro F1", "macro_f1", evaluation.macro_f1, "{:.3f}".format),
        ("log loss", "log_loss", evaluation.log_loss, "{:.3f}".format),
        ("calibration error", "calibration_error", evaluation.calibration_error, "{:.3f}".format),
        ("top-two accuracy", "top_two_accuracy", evaluation.top_two_accuracy, percent),
        ("valence accuracy", "valence_accuracy", valence, percent),
    ]
    lines = []
    for title, metric, value, show in shown:
        if value is not None:
            interval = evaluation.intervals.overall.get(metric) if evaluation.intervals else None
            line = f"{title:17}  {with_interval(value, interval, show)}"
            if metric in evaluation.spread:
                line += f"  ± {show(evaluation.spread[metric])} over {evaluation.n_folds} folds"
            lines.append(line)
    return lines


def _confusions(valence: Valence) -> list[str]:
    """Return a table of true and predicted valence."""
    rows = [
        [f"{label} moods", *map(str, row)] for label, row in zip(valence.labels, valence.confusions, strict=True)
    ]
    return _aligned([["", *(f"predicted {label}" for label in valence.labels)], *rows])


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows of a table as lines: the first column is left-aligned, the others are right-aligned."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        # Some characters are two cells wide.
        cells = [first + " " * (widths[0] - cell_len(first))]
        cells += [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells))
    return lines
