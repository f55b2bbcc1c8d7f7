"""train, evaluate, summary: what works on labelled images."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.options import Algorithm, Inputs

if TYPE_CHECKING:
    from imagemood.learn import Recipe, TrainingSet


class _Report(StrEnum):
    text = "text"
    json = "json"


def train(
    model_dir: Annotated[
        Path,
        typer.Option("-o", "--output", help="Model directory to write.", metavar="MODEL_DIR", show_default=False),
    ],
    tags: options.Tags = None,
    labels: options.Labels = None,
    images: options.Photos = None,
    example: options.Example = False,
    algorithm: Annotated[Algorithm, typer.Option(help="What to train.")] = Algorithm.logistic,
    inputs: options.LearnFrom = None,
    mask: options.Mask = None,
    noise: options.Noise = 0.0,
    search: Annotated[
        bool, typer.Option("--search", help="Try the algorithm's grid of parameters first.")
    ] = False,
    tagger: options.Tagger = None,
    seed: options.Seed = 0,
) -> None:
    """Train a mood classifier and write its model directory.

    Algorithms: logistic regression; rf, a random forest of 300 trees; svm, a support vector machine with an RBF
    kernel. The moods are the labels of the training set, whatever they are.

    Example: imagemood train --example --algorithm rf -o mymodel
    """
    from imagemood import learn
    from imagemood.bundle import MARKERS
    from imagemood.files import check_replaceable

    recipe = _recipe(algorithm, mask, noise, seed)
    check_replaceable(model_dir, markers=MARKERS)  # before the work, not after it
    training_set, n_failed = _training_set(tags, labels, images, example, inputs, tagger)
    if search:
        recipe = _best(training_set, recipe)
    learn.train(training_set, recipe).write(model_dir)
    typer.echo(
        f"{model_dir}: {algorithm} of {len(training_set.moods)} images, "
        f"{len(training_set.images_per_mood)} moods, {len(training_set.vocabulary)} tags",
        err=True,
    )
    raise typer.Exit(int(n_failed > 0))


def evaluate(
    tags: options.Tags = None,
    labels: options.Labels = None,
    images: options.Photos = None,
    example: options.Example = False,
    algorithm: Annotated[Algorithm, typer.Option(help="What to judge.")] = Algorithm.logistic,
    inputs: options.LearnFrom = None,
    mask: options.Mask = None,
    noise: options.Noise = 0.0,
    folds: Annotated[int, typer.Option(min=2, help="Parts of the stratified cross-validation.")] = 5,
    report: Annotated[_Report, typer.Option("--format", help="How to show the figures.")] = _Report.text,
    file: options.Output = None,
    tagger: options.Tagger = None,
    seed: options.Seed = 0,
) -> None:
    """Judge an algorithm by stratified cross-validation: each image is predicted by a model that never saw it.

    Example: imagemood evaluate --example --algorithm rf
    """
    from imagemood.evaluate import cross_validate
    from imagemood.report import render_text

    recipe = _recipe(algorithm, mask, noise, seed)
    training_set, n_failed = _training_set(tags, labels, images, example, inputs, tagger)
    with output.progress("Folds") as tick:
        evaluation = cross_validate(training_set, recipe, n_folds=folds, progress=tick)
    if report is _Report.json:
        output.emit_json({"algorithm": str(algorithm), **evaluation.to_dict()}, file)
    else:
        output.emit(render_text(evaluation) + "\n", file)
    raise typer.Exit(int(n_failed > 0))


def summary(
    top: Annotated[int, typer.Argument(metavar="N", min=1, help="How many tags.")],
    tags: options.Tags = None,
    labels: options.Labels = None,
    images: options.Photos = None,
    example: options.Example = False,
    report: Annotated[_Report, typer.Option("--format", help="How to show the tags.")] = _Report.text,
    file: options.Output = None,
    tagger: options.Tagger = None,
) -> None:
    """Show the top N tags behind each mood of a training set, by the sums of their scores.

    Example: imagemood summary 5 --example
    """
    training_set, n_failed = _training_set(tags, labels, images, example, Inputs.tags, tagger)
    strongest = training_set.summary(top)
    if report is _Report.json:
        output.emit_json({mood: dict(rows) for mood, rows in strongest.items()}, file)
    else:
        lines = []
        for mood, rows in strongest.items():
            lines += [mood, *(f"  {score:9.3f}  {tag}" for tag, score in rows), ""]
        output.emit("\n".join(lines), file)
    raise typer.Exit(int(n_failed > 0))


def _recipe(algorithm: str, mask: str | None, noise: float, seed: int) -> Recipe:
    from imagemood.augment import Augmentation
    from imagemood.errors import InputError
    from imagemood.learn import Recipe

    try:
        fractions = tuple(float(share) for share in mask.split(",")) if mask else ()
    except ValueError:
        raise InputError(f"--mask is '{mask}', not numbers with commas between", hint="0.1,0.25,0.5,1") from None
    if not all(0 < fraction <= 1 for fraction in fractions):
        raise InputError(f"--mask is '{mask}', with a share not above 0 and at most 1")
    return Recipe(str(algorithm), augmentation=Augmentation(fractions, noise, seed), random_state=seed)


def _best(training_set: TrainingSet, recipe: Recipe) -> Recipe:
    """Try the grid, say how each place did, and give the best."""
    from imagemood.search import search

    with output.progress("Searching") as tick:
        candidates = search(training_set, recipe, progress=tick)
    for candidate in candidates:
        chosen = ", ".join(f"{name} {value}" for name, value in candidate.recipe.parameters.items())
        judged = candidate.evaluation
        typer.echo(f"accuracy {judged.accuracy:.3f}, macro F1 {judged.macro_f1:.3f}: {chosen}", err=True)
    return candidates[0].recipe


def _training_set(
    tags: Path | None,
    labels: Path | None,
    images: Path | None,
    example: bool,
    inputs: Inputs | None,
    tagger: Path | None,
) -> tuple[TrainingSet, int]:
    """Read the one training set that the options name, and count the pictures that failed."""
    from imagemood.errors import InputError

    sources = "give --tags FILE with --labels FILE, or --images FOLDER, or --example"
    if sum((tags is not None or labels is not None, images is not None, example)) != 1:
        raise InputError("needs exactly one training set", hint=sources)
    if images is None and inputs is Inputs.embedding:
        raise InputError("--inputs embedding+tags needs pictures", hint="give --images FOLDER")
    if images is not None:
        return _from_pictures(images, with_embedding=inputs is not Inputs.tags, tagger=tagger)
    from imagemood import formats
    from imagemood.learn import TrainingSet

    if example:
        return TrainingSet.example(), 0
    if tags is None or labels is None:
        raise InputError("tag rows and labels go together", hint=sources)
    return TrainingSet.from_rows(formats.read(tags), formats.read_labels(labels)), 0


def _from_pictures(images: Path, *, with_embedding: bool, tagger: Path | None) -> tuple[TrainingSet, int]:
    from imagemood.cascade import Cascade
    from imagemood.labelled_photos import read_training_set
    from imagemood.tagger import Tagger

    cascade = Cascade(Tagger.load(tagger))
    with output.progress("Tagging") as tick:
        training_set, failures = read_training_set(images, cascade, with_embedding=with_embedding, progress=tick)
    for failure in failures:
        output.complain(failure)
    return training_set, len(failures)
