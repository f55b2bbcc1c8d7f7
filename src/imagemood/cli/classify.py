"""The command `classify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.option_groups import ModelOptions, PredictionOutput
from imagemood.cli.options import PredictionFormat
from imagemood.cli.pictures import FolderSearch, successful_results
from imagemood.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagemood.models.tagger_output import OutputName
    from imagemood.pictures.picture import Picture
    from imagemood.prediction.result import Result

_TABLE_TOP = 3
_EXPLANATION_TAGS = 5


def classify(
    paths: options.Pictures,
    *,
    column: options.Column = None,
    folders: FolderSearch,
    top: Annotated[
        int | None,
        typer.Option(
            min=1, help="Show only the N most probable moods.", show_default="3 in a table, otherwise all"
        ),
    ] = None,
    tags: Annotated[int, typer.Option(min=0, help="Also show the N strongest tags.")] = 0,
    target: PredictionOutput,
    affect: Annotated[
        bool, typer.Option("--affect", help="Add the columns valence, arousal and positive to CSV and Parquet.")
    ] = False,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Show by how much the probability of the mood would drop without each tag."
        ),
    ] = False,
    heatmap: Annotated[
        Path | None,
        typer.Option(
            help="Write the picture with the heat map of its mood: a PNG file, or a folder for several pictures.",
            metavar="PATH",
            show_default=False,
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache",
            help="File that keeps the moods, so that the next run classifies only new and changed pictures.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    views: options.Views = 1,
    models: ModelOptions,
    ca_file: options.CaFile = None,
) -> None:
    """Classify pictures by the mood that they evoke.

    A picture that cannot be read is reported on standard error, the others are classified, and the exit code is 1.
    CSV and Parquet have one row for each picture and mood (image, mood, probability); JSON has one object per line
    for each picture. Tables and JSON also show the expected valence and arousal, from -1 to 1, and JSON the
    probability of a positive mood.

    Example: imagemood classify holiday/ --top 1 --format csv -o moods.csv
    """
    from imagemood.cli import heatmaps, output_checks
    from imagemood.cli.renderers import Predictions

    if cache is not None and (tags or explain or heatmap is not None):
        raise InputError("the cache holds moods only", hint="omit --cache, or --tags, --explain and --heatmap")
    _check_content(target.format, with_tags=bool(tags) or explain, with_affect=affect)
    target.check([*paths, models.model, models.tagger], created_folder=heatmap)
    pictures = folders.find_pictures(paths, column)
    output_checks.check_not_pictures([target.file, cache], pictures)
    if heatmap is not None:
        pictures = [picture.cached() for picture in pictures]
    if top is None and target.format == "table":
        top = _TABLE_TOP
    if cache is not None:
        results = _classify_with_cache(cache, pictures, models, views)
        target.emit(Predictions(results, top, with_affect=affect))
        raise typer.Exit(int(len(results) < len(pictures)))
    cascade = models.load(views)
    if tags or explain:
        cascade.tagger.require_tags(hint="omit --tags and --explain")
    if explain and cascade.tags_classifier is None:
        raise InputError(
            "this model does not use tags, so tags cannot explain its predictions", hint="omit --explain"
        )
    wanted: dict[OutputName, bool] = {"tags": tags > 0 or explain, "mood_maps": heatmap is not None}
    requested = [name for name, is_wanted in wanted.items() if is_wanted]
    targets = {} if heatmap is None else heatmaps.targets(pictures, heatmap, cascade)
    results = _results(cascade.classify_many(pictures, requested), pictures)
    explanations = [cascade.explain(result) for result in results] if explain else None
    n_failed = heatmaps.write(results, targets, cascade.decoder)
    n_tags = _EXPLANATION_TAGS if explain and not tags else tags
    target.emit(Predictions(results, top, n_tags, affect, explanations))
    raise typer.Exit(int(len(results) < len(pictures) or n_failed > 0))


def _classify_with_cache(cache: Path, pictures: list[Picture], models: ModelOptions, views: int) -> list[Result]:
    """Return the results without error; the models are loaded only for pictures that are not in the cache."""
    from imagemood.models.model_hash import model_hash
    from imagemood.prediction.result_cache import ResultCache

    key = [model_hash(models.model, models.tagger), views, models.device]
    with ResultCache(cache, key, output.warn) as cached:
        found = cached.classify_many(pictures, lambda missing: models.load(views).classify_many(missing, ()))
        return _results(found, pictures)


def _results(found: Iterator[Result], pictures: list[Picture]) -> list[Result]:
    """Return the results without error; report the errors of the others."""
    with output.progress("Classifying") as progress:
        return list(successful_results(found, len(pictures), progress))


def _check_content(output_format: PredictionFormat, *, with_tags: bool, with_affect: bool) -> None:
    """Raise if the output format cannot hold the requested content, instead of omitting it silently."""
    is_rows = output_format not in ("table", "json")
    if is_rows and with_tags:
        raise InputError("mood rows cannot hold tags", hint="use --format json, or imagemood tag")
    if with_affect and not is_rows:
        raise InputError(
            "--affect applies to CSV and Parquet only",
            hint="omit it; tables and JSON always have valence and arousal",
        )
