"""The command `train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.dataset_options import TrainingSetOptions
from imagemood.cli.options import Algorithm
from imagemood.cli.recipe_options import RecipeOptions
from imagemood.cli.training_sets import TrainingSetReader, work_file
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
    training: RecipeOptions,
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

    Example: imagemood train --example --algorithm rf -o forest
    """
    from imagemood import learning
    from imagemood._files import check_folder
    from imagemood.models.model_directory import MARKERS

    recipe = training.recipe(algorithm, seed)
    check_folder(model_dir, markers=MARKERS, force=force)  # before training, which takes long
    reader = TrainingSetReader(labelled, tagger, device, work)
    chosen = reader.read(training.chosen_inputs())
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
