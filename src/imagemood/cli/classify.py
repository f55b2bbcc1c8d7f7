"""The command `classify`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
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
    context: typer.Context,
    paths: options.Pictures,
    column: options.Column = None,
    include_hidden: options.IncludeHidden = False,
    follow_links: options.FollowLinks = False,
    show_skipped: options.ShowSkipped = False,
    top: Annotated[
        int | None,
        typer.Option(
            min=1, help="Show only the N most probable moods.", show_default="3 in a table, otherwise all"
        ),
    ] = None,
    tags: Annotated[int, typer.Option(min=0, help="Also show the N strongest tags.")] = 0,
    output_format: options.PredictionFormatOption = None,
    file: options.Output = None,
    escape_formulas: options.EscapeFormulas = False,
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
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    decode_timeout: options.DecodeTimeout = None,
    ca_file: options.CaFile = None,
) -> None:
    """Classify pictures by the mood that they evoke.

    A picture that cannot be read is reported on standard error, the others are classified, and the exit code is 1.
    CSV and Parquet have one row for each picture and mood (image, mood, probability); JSON has one object per line
    for each picture. Tables and JSON also show the expected valence and arousal, from -1 to 1, and JSON the
    probability of a positive mood.

    Example: imagemood classify holiday/ --top 1 --format csv -o moods.csv
    """
    from imagemood.cli import heatmaps, outputs
    from imagemood.cli.renderers import Predictions, render
    from imagemood.models.model_hash import model_hash
    from imagemood.prediction.cascade import Cascade
    from imagemood.prediction.result_cache import ResultCache

    output_format = output_format or options.prediction_format_of(file)
    options.check_output_format(output_format, escape_formulas)
    if cache is not None and (tags or explain or heatmap is not None):
        raise InputError("the cache holds moods only", hint="omit --cache, or --tags, --explain and --heatmap")
    _check_content(output_format, with_tags=bool(tags) or explain, with_affect=affect)
    outputs.check_output(file, [*paths, model, tagger], created_folder=heatmap)
    folders = FolderSearch(
        context, include_hidden=include_hidden, follow_links=follow_links, show_skipped=show_skipped
    )
    pictures = folders.find_pictures(paths, column)
    outputs.check_not_pictures([file, cache], pictures)
    if heatmap is not None:
        pictures = [picture.cached() for picture in pictures]
    load = partial(
        Cascade.load, model, tagger=tagger, n_views=views, device=device, decode_timeout_s=decode_timeout
    )
    if top is None and output_format == "table":
        top = _TABLE_TOP
    if cache is not None:
        with ResultCache(cache, [model_hash(model, tagger), views, device], output.warn) as cached:
            found = cached.classify_many(pictures, lambda missing: load().classify_many(missing, ()))
            results = _results(found, pictures)
        predictions = Predictions(results, top, with_affect=affect)
        output.emit(render(predictions, output_format, file, escape_formulas=escape_formulas), file)
        raise typer.Exit(int(len(results) < len(pictures)))
    cascade = load()
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
    predictions = Predictions(results, top, n_tags, affect, explanations)
    output.emit(render(predictions, output_format, file, escape_formulas=escape_formulas), file)
    raise typer.Exit(int(len(results) < len(pictures) or n_failed > 0))


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
