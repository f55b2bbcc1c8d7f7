"""The command `evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imagemood.cli import dataset_options, options, output
from imagemood.cli.dataset_options import TrainingSetOptions
from imagemood.cli.option_groups import ReportOutput
from imagemood.cli.options import Algorithm
from imagemood.cli.recipe_options import RecipeOptions
from imagemood.cli.training_sets import TrainingSetReader, work_file
from imagemood.learning.algorithms import DEFAULT_ALGORITHM


def evaluate(
    *,
    labelled: TrainingSetOptions,
    algorithm: Annotated[Algorithm, typer.Option(help="Algorithm to evaluate.")] = Algorithm(DEFAULT_ALGORITHM),
    model: dataset_options.EvaluatedModel = None,
    training: RecipeOptions,
    folds: options.Folds = 5,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a report as an HTML page and as JSON. It adds a learning curve, the most confident "
            "mistakes and, with --images, the accuracy at lower resolutions.",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    target: ReportOutput,
    work: options.Work = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    seed: options.Seed = 0,
    ca_file: options.CaFile = None,
) -> None:
    """Evaluate an algorithm by stratified cross-validation.

    Each picture is predicted by a model that was trained without it. The metrics have bootstrap confidence
    intervals. If all moods are among the eight of the built-in model, the agreement on positive against negative
    moods is shown, too. With --work, finished folds are recorded, and the same command resumes an interrupted
    evaluation. Datasets with official splits are evaluated on their test split instead, by a model that is trained
    on their train split. With --model, a trained model is evaluated.

    Example: imagemood evaluate --example --algorithm rf --report report
    """
    from imagemood.cli import model_evaluation
    from imagemood.cli.evaluation_report import write_evaluation_report
    from imagemood.evaluation import cross_validation
    from imagemood.evaluation.journal import Journal
    from imagemood.evaluation.official_split import evaluate_split
    from imagemood.report import check_report_folder, format_evaluation
    from imagemood.report.label_measures import format_label_measures

    recipe = training.recipe(algorithm, seed)
    if report is not None:
        check_report_folder(report)
    target.check([*labelled.files(), tagger], created_folder=report)
    reader = TrainingSetReader(labelled, tagger, device, work)
    if model is not None:
        evaluated = model_evaluation.evaluate_model(reader, model, report)
        target.emit(evaluated.to_dict(), evaluated.to_text())
        raise typer.Exit(int(evaluated.n_failed > 0))
    chosen = reader.read(training.chosen_inputs(), splits=("train", "test"))
    journal = Journal(work_file(work, "folds.jsonl"))
    train_part, tested = (None, chosen) if labelled.split is not None else chosen.official_parts()
    if train_part is not None:
        evaluation = evaluate_split(train_part.training_set, tested.training_set, recipe)
    else:
        with output.progress("Folds") as tick:
            evaluation = cross_validation.evaluate(
                chosen.training_set, recipe, n_folds=folds, journal=journal, progress=tick
            )
    measures = tested.measure_labels(evaluation)
    if report is not None:
        write_evaluation_report(report, train_part or chosen, tested, recipe, evaluation, measures, journal)
    values = {"algorithm": str(algorithm), **evaluation.to_dict(), **measures.to_dict()}
    target.emit(values, format_evaluation(evaluation) + format_label_measures(measures) + "\n")
    raise typer.Exit(chosen.exit_code)
