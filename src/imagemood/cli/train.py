"""The commands `train` and `evaluate`, which use labelled images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import dataset_options, options, output
from imagemood.cli.dataset_options import TrainingSetOptions
from imagemood.cli.option_groups import ReportOutput
from imagemood.cli.options import Algorithm
from imagemood.cli.training_sets import TrainingSetReader, parse_inputs, work_file
from imagemood.learning.algorithms import DEFAULT_ALGORITHM

if TYPE_CHECKING:
    from imagemood.learning import Recipe, TrainingSet


def train(
    model_dir: Annotated[
        Path,
        typer.Option("-o", "--output", help="Model directory to write.", metavar="MODEL_DIR", show_default=False),
    ],
    *,
    labelled: TrainingSetOptions,
    algorithm: options.TrainedAlgorithm = Algorithm(DEFAULT_ALGORITHM),
    inputs: options.Inputs = None,
    balanced: options.Balanced = False,
    mask: options.Mask = None,
    noise: options.Noise = 0.0,
    search: Annotated[
        bool, typer.Option("--search", help="First find the best parameters by grid search.")
    ] = False,
    work: options.Work = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    seed: options.Seed = 0,
    force: options.Force = False,
    ca_file: options.CaFile = None,
) -> None:
    """Train a mood classifier and write its model directory.

    The moods are the labels of the training set; any names can be used. With --tagger, the model directory also
    contains the tagger, so that other commands need only the model.

    Example: imagemood train --example --algorithm rf -o mymodel
    """
    from imagemood import learning
    from imagemood._files import check_folder
    from imagemood.models.model_directory import MARKERS

    recipe = _recipe(algorithm, mask, noise, seed, balanced)
    check_folder(model_dir, markers=MARKERS, force=force)  # before training, which takes long
    reader = TrainingSetReader(labelled, tagger, device, work)
    chosen = reader.read(parse_inputs(inputs) if inputs else None)
    if search:
        recipe = _search(chosen.training_set, recipe, work)
    trained = learning.train(chosen.training_set, recipe)
    trained.write(model_dir, tagger)
    columns = ", ".join(f"{width} {_COLUMNS[name]}" for name, width in chosen.training_set.widths.items())
    output.inform(
        f"{model_dir}: {algorithm}, trained on {len(chosen.training_set.moods)} pictures, "
        f"{len(chosen.training_set.images_per_mood)} moods, {columns}"
    )
    raise typer.Exit(chosen.exit_code)


_COLUMNS = {"tags": "tags", "embedding": "embedding features", "visual": "visual features"}


def evaluate(
    *,
    labelled: TrainingSetOptions,
    algorithm: Annotated[Algorithm, typer.Option(help="Algorithm to evaluate.")] = Algorithm(DEFAULT_ALGORITHM),
    model: dataset_options.EvaluatedModel = None,
    inputs: options.Inputs = None,
    balanced: options.Balanced = False,
    mask: options.Mask = None,
    noise: options.Noise = 0.0,
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
    from imagemood.cli import model_evaluation, output_checks
    from imagemood.cli.evaluation_report import write_evaluation_report
    from imagemood.evaluation import cross_validation
    from imagemood.evaluation.journal import Journal
    from imagemood.evaluation.official_split import evaluate_split
    from imagemood.report import check_report_folder, format_evaluation
    from imagemood.report.label_measures import format_label_measures

    recipe = _recipe(algorithm, mask, noise, seed, balanced)
    if report is not None:
        check_report_folder(report)
    output_checks.check_output(target.file, [*labelled.files(), tagger], created_folder=report)
    reader = TrainingSetReader(labelled, tagger, device, work)
    if model is not None:
        evaluated = model_evaluation.evaluate_model(reader, model, report)
        target.emit(evaluated.to_dict(), evaluated.to_text())
        raise typer.Exit(int(evaluated.n_failed > 0))
    chosen = reader.read(parse_inputs(inputs) if inputs else None, splits=("train", "test"))
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


def _recipe(algorithm: str, mask: str | None, noise: float, seed: int, balanced: bool) -> Recipe:
    from imagemood.errors import InputError
    from imagemood.learning import Recipe
    from imagemood.learning.augmentation import Augmentation

    try:
        fractions = tuple(float(fraction) for fraction in mask.split(",")) if mask else ()
    except ValueError:
        raise InputError(f"invalid --mask '{mask}'", hint="separate numbers by commas: 0.1,0.25,0.5,1") from None
    if not all(0 < fraction <= 1 for fraction in fractions):
        raise InputError(f"invalid --mask '{mask}'", hint="use fractions above 0 and up to 1")
    augmentation = Augmentation(fractions, noise, seed)
    return Recipe(str(algorithm), augmentation=augmentation, random_state=seed, balanced=balanced)


def _search(training_set: TrainingSet, recipe: Recipe, work: Path | None) -> Recipe:
    """Return the best recipe of a grid search, and print the result of each candidate."""
    from imagemood.evaluation.grid_search import grid_search
    from imagemood.evaluation.journal import Journal

    journal = Journal(work_file(work, "folds.jsonl"))
    with output.progress("Searching") as tick:
        results = grid_search(training_set, recipe, journal=journal, progress=tick)
    for result in results:
        parameters = ", ".join(f"{name} {value}" for name, value in result.candidate.recipe.parameters.items())
        accuracy, macro_f1 = result.mean("accuracy"), result.mean("macro_f1")
        output.inform(f"accuracy {accuracy:.3f}, macro F1 {macro_f1:.3f}: {parameters}")
    return results[0].candidate.recipe
