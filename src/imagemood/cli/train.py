"""train, evaluate, summary: what works on labelled images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.options import Algorithm
from imagemood.cli.training_sets import Chosen, Options, parse_inputs, work_file
from imagemood.learning.algorithms import DEFAULT_ALGORITHM

if TYPE_CHECKING:
    from imagemood.evaluation.metrics import Evaluation
    from imagemood.learning import Recipe, TrainingSet


def train(
    model_dir: Annotated[
        Path,
        typer.Option("-o", "--output", help="Model directory to write.", metavar="MODEL_DIR", show_default=False),
    ],
    tags: options.Tags = None,
    labels: options.Labels = None,
    features: options.FeatureFile = None,
    images: options.Photos = None,
    example: options.Example = False,
    algorithm: options.TrainedAlgorithm = Algorithm(DEFAULT_ALGORITHM),
    inputs: options.Inputs = None,
    balanced: options.Balanced = False,
    mask: options.Mask = None,
    noise: options.Noise = 0.0,
    search: Annotated[
        bool, typer.Option("--search", help="Try the algorithm's grid of parameters first.")
    ] = False,
    work: options.Work = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    seed: options.Seed = 0,
) -> None:
    """Train a mood classifier and write its model directory.

    The moods are the labels of the training set; any names can be used.

    Example: imagemood train --example --algorithm rf -o mymodel
    """
    from imagemood import learning
    from imagemood._files import check_replaceable
    from imagemood.models.model_directory import MARKERS

    recipe = _recipe(algorithm, mask, noise, seed, balanced)
    check_replaceable(model_dir, markers=MARKERS)  # before the work, not after it
    source = Options(tags, labels, images, example, features, tagger, work, device)
    chosen = source.read(parse_inputs(inputs) if inputs else None)
    if search:
        recipe = _best(chosen.training_set, recipe, work)
    trained = learning.train(chosen.training_set, recipe)
    trained.write(model_dir)
    columns = ", ".join(f"{width} {_COLUMNS[name]}" for name, width in chosen.training_set.widths.items())
    typer.echo(
        f"{model_dir}: {algorithm} of {len(chosen.training_set.moods)} images, "
        f"{len(chosen.training_set.images_per_mood)} moods, {columns}",
        err=True,
    )
    raise typer.Exit(chosen.exit_code)


_COLUMNS = {"tags": "tags", "embedding": "numbers of embedding", "visual": "visual features"}


def evaluate(
    tags: options.Tags = None,
    labels: options.Labels = None,
    features: options.FeatureFile = None,
    images: options.Photos = None,
    example: options.Example = False,
    algorithm: Annotated[Algorithm, typer.Option(help="Algorithm to evaluate.")] = Algorithm(DEFAULT_ALGORITHM),
    inputs: options.Inputs = None,
    balanced: options.Balanced = False,
    mask: options.Mask = None,
    noise: options.Noise = 0.0,
    folds: options.Folds = 5,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a page to look at, and the same as JSON: also curves over the number of training "
            "images and, with --images, over resolution, and the most confident mistakes.",
            metavar="DIR",
            show_default=False,
        ),
    ] = None,
    layout: options.ReportFormat = None,
    file: options.Output = None,
    work: options.Work = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    seed: options.Seed = 0,
) -> None:
    """Judge an algorithm by stratified cross-validation: each image is predicted by a model that never saw it.

    Example: imagemood evaluate --example --algorithm rf --report report
    """
    from imagemood.evaluation.evaluate import cross_validate
    from imagemood.report import check_report_folder, format_evaluation

    recipe = _recipe(algorithm, mask, noise, seed, balanced)
    if report is not None:
        check_report_folder(report)
    source = Options(tags, labels, images, example, features, tagger, work, device)
    chosen = source.read(parse_inputs(inputs) if inputs else None)
    with output.progress("Folds") as tick:
        evaluation = cross_validate(chosen.training_set, recipe, n_folds=folds, progress=tick)
    if report is not None:
        _write_report(report, chosen, recipe, evaluation)
    if output.as_json(layout, file):
        output.emit_json({"algorithm": str(algorithm), **evaluation.to_dict()}, file)
    else:
        output.emit(format_evaluation(evaluation) + "\n", file)
    raise typer.Exit(chosen.exit_code)


def summary(
    top: Annotated[int, typer.Argument(metavar="N", min=1, help="How many tags.")],
    tags: options.Tags = None,
    labels: options.Labels = None,
    images: options.Photos = None,
    example: options.Example = False,
    layout: options.ReportFormat = None,
    file: options.Output = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
) -> None:
    """Show the top N tags behind each mood of a training set, by the sums of their scores.

    Example: imagemood summary 5 --example
    """
    chosen = Options(tags, labels, images, example, tagger=tagger, device=device).read(("tags",))
    strongest = chosen.training_set.summary(top)
    if output.as_json(layout, file):
        output.emit_json({mood: dict(rows) for mood, rows in strongest.items()}, file)
    else:
        lines = []
        for mood, rows in strongest.items():
            lines += [mood, *(f"  {score:9.3f}  {tag}" for tag, score in rows), ""]
        output.emit("\n".join(lines), file)
    raise typer.Exit(chosen.exit_code)


def _recipe(algorithm: str, mask: str | None, noise: float, seed: int, balanced: bool) -> Recipe:
    from imagemood.errors import InputError
    from imagemood.learning import Recipe
    from imagemood.learning.augmentation import Augmentation

    try:
        fractions = tuple(float(share) for share in mask.split(",")) if mask else ()
    except ValueError:
        raise InputError(f"--mask is '{mask}', not numbers with commas between", hint="0.1,0.25,0.5,1") from None
    if not all(0 < fraction <= 1 for fraction in fractions):
        raise InputError(f"--mask is '{mask}', with a share not above 0 and at most 1")
    augmentation = Augmentation(fractions, noise, seed)
    return Recipe(str(algorithm), augmentation=augmentation, random_state=seed, balanced=balanced)


def _best(training_set: TrainingSet, recipe: Recipe, work: Path | None) -> Recipe:
    """Try the grid, say how each place did, and give the best."""
    from imagemood.evaluation.grid_search import search
    from imagemood.evaluation.journal import Journal

    journal = Journal(work_file(work, "folds.jsonl"))
    with output.progress("Searching") as tick:
        candidates = search(training_set, recipe, journal=journal, progress=tick)
    for candidate in candidates:
        chosen = ", ".join(f"{name} {value}" for name, value in candidate.recipe.parameters.items())
        typer.echo(f"accuracy {candidate.accuracy:.3f}, macro F1 {candidate.macro_f1:.3f}: {chosen}", err=True)
    return candidates[0].recipe


def _write_report(folder: Path, chosen: Chosen, recipe: Recipe, evaluation: Evaluation) -> None:
    """Measure what only the report shows, and write it."""
    from imagemood.evaluation.learning_curve import learning_curve
    from imagemood.evaluation.resolution import resolution_curve
    from imagemood.report import ReportData, write_report

    with output.progress("Learning curve") as tick:
        learning = learning_curve(chosen.training_set, recipe, n_folds=evaluation.n_folds, progress=tick)
    resolution = {}
    if chosen.photos is not None and chosen.cascade is not None:
        with output.progress("Resolution") as tick:
            resolution = resolution_curve(chosen.photos, chosen.cascade, recipe, progress=tick)
    paths = chosen.photos.paths if chosen.photos is not None else None
    data = ReportData(evaluation, recipe, chosen.training_set, learning, resolution, paths)
    write_report(data, folder)
    typer.echo(f"{folder / 'index.html'}: the report; {folder / 'report.json'}: its figures", err=True)
