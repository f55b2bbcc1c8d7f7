"""Evaluations as plain text."""

from __future__ import annotations

from collections.abc import Mapping

from rich.cells import cell_len

from imagemood._text import short_label
from imagemood.evaluation.metrics import Evaluation


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal.

    Examples
    --------
    >>> percent(0.625)
    '62.5 %'
    """
    return f"{share:.1%}".replace("%", " %")


def format_evaluation(evaluation: Evaluation) -> str:
    """Return a table of precision, recall, F1 and support by mood, followed by the overall metrics.

    Examples
    --------
    >>> import numpy as np
    >>> from imagemood.evaluation.metrics import evaluate_predictions
    >>> probabilities = np.array([[0.9, 0.1], [0.2, 0.8]])
    >>> print(format_evaluation(evaluate_predictions(["awe", "fear"], probabilities, ("awe", "fear"))))
                  precision  recall      f1  support
    <BLANKLINE>
    awe                1.00    1.00    1.00        1
    fear               1.00    1.00    1.00        1
    <BLANKLINE>
    macro avg          1.00    1.00    1.00        2
    weighted avg       1.00    1.00    1.00        2
    <BLANKLINE>
    accuracy           100.0 %
    macro F1           1.000
    log loss           0.164
    calibration error  0.150
    """
    moods = [(short_label(mood), row) for mood, row in evaluation.per_class.items()]
    averages = list(evaluation.averages.items())
    width = max(cell_len(name) for name, _ in moods + averages)
    lines = [f"{'':{width}}  precision  recall      f1  support", ""]
    lines += [_format_row(name, row, width) for name, row in moods]
    lines += ["", *(_format_row(name, row, width) for name, row in averages)]
    accuracy, macro_f1 = percent(evaluation.accuracy), f"{evaluation.macro_f1:.3f}"
    if evaluation.spread:
        accuracy += f"  ± {percent(evaluation.spread['accuracy'])} over {evaluation.n_folds} folds"
        macro_f1 += f"    ± {evaluation.spread['macro_f1']:.3f}"
    lines += [
        "",
        f"accuracy           {accuracy}",
        f"macro F1           {macro_f1}",
        f"log loss           {evaluation.log_loss:.3f}",
        f"calibration error  {evaluation.calibration_error:.3f}",
    ]
    return "\n".join(lines)


def _format_row(name: str, row: Mapping[str, float], width: int) -> str:
    padding = " " * (width - cell_len(name))  # some characters are two cells wide
    return f"{name}{padding}  {row['precision']:9.2f}  {row['recall']:6.2f}  {row['f1']:6.2f}  {row['support']:7d}"
