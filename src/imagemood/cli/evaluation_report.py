"""Writes the report of an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imagemood.cli import output

if TYPE_CHECKING:
    from pathlib import Path

    from imagemood.cli.training_sets import ChosenTrainingSet
    from imagemood.evaluation.journal import Journal
    from imagemood.evaluation.label_measures import LabelMeasures
    from imagemood.evaluation.metrics import Evaluation
    from imagemood.learning import Recipe


def write_evaluation_report(
    folder: Path,
    chosen: ChosenTrainingSet,
    tested: ChosenTrainingSet,
    recipe: Recipe,
    evaluation: Evaluation,
    measures: LabelMeasures,
    journal: Journal,
) -> None:
    """Compute the curves that only the report shows, and write it; with too few pictures, it lacks a curve.

    The curves are those of the pictures that models are trained on; `tested` are the pictures of the evaluation.
    """
    from imagemood.errors import VocabularyError
    from imagemood.evaluation.learning_curve import learning_curve
    from imagemood.evaluation.resolution import resolution_curve
    from imagemood.report import ReportData, write_report

    curves: dict[str, Any] = {}
    try:
        with output.progress("Learning curve") as tick:
            curves["learning_curve"] = learning_curve(
                chosen.training_set, recipe, n_folds=evaluation.n_folds or 5, journal=journal, progress=tick
            )
        if chosen.photos is not None and chosen.cascade is not None:
            with output.progress("Resolution") as tick:
                curves["resolution_curves"] = resolution_curve(
                    chosen.photos, chosen.cascade, recipe, progress=tick, on_error=chosen.report_failure
                )
    except VocabularyError as error:
        output.warn(f"the report lacks a curve: {error}")
    paths = tested.photos.paths if tested.photos is not None else None
    data = ReportData(evaluation, recipe, tested.training_set, paths=paths, measures=measures, **curves)
    write_report(data, folder)
    output.inform(f"wrote the report to {folder / 'index.html'} and its values to {folder / 'report.json'}")
