"""The repetition of the 2018 experiment as plain text, beside the published results."""

from __future__ import annotations

from collections.abc import Mapping

from imagemood.evaluation.experiment_2018 import PUBLISHED, PUBLISHED_AVERAGE, Experiment
from imagemood.report.text import percent

_TITLES = ("published in 2018", "five folds", "a fifth held out")
_WIDTH = 26  # of the columns of one experiment
_HEADER = " prec  recall    f1      n"


def format_experiment(experiment: Experiment) -> str:
    """Return a table with the precision, recall, F1 and number of pictures of each mood in each experiment."""
    evaluations = (experiment.cross_validated, experiment.held_out)
    headers = (_TITLES, [_HEADER] * len(_TITLES))
    lines = [f"{'':12}" + "".join(f"   {text:{_WIDTH}}" for text in row) for row in headers]
    lines.append("")
    for mood, published in PUBLISHED.items():
        lines.append(_line(mood, published, *(evaluation.per_class[mood] for evaluation in evaluations)))
    averages = [evaluation.averages["weighted avg"] for evaluation in evaluations]
    lines += ["", _line("avg / total", PUBLISHED_AVERAGE, *averages), ""]
    here, spread = experiment.cross_validated.accuracy, experiment.cross_validated.spread["accuracy"]
    lines.append(
        f"accuracy: {percent(PUBLISHED_AVERAGE['recall'])} published, {percent(here)} ± {percent(spread)} over "
        f"five folds, {percent(experiment.held_out.accuracy)} on the fifth held out"
    )
    return "\n".join(line.rstrip() for line in lines)


def _line(name: str, *rows: Mapping[str, float]) -> str:
    cells = (f"{row['precision']:5.2f}{row['recall']:8.2f}{row['f1']:6.2f}{row['support']:7.0f}" for row in rows)
    return f"{name:12}" + "".join(f"   {cell:{_WIDTH}}" for cell in cells)
