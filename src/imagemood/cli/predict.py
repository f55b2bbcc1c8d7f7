"""The commands `classify`, `tag` and `mood`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.options import Layout, RowFormat
from imagemood.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagemood.pictures.picture import Picture
    from imagemood.prediction.result import Result

_TABLE_TOP = 3
_EXPLANATION_TAGS = 5


def classify(
    paths: options.Pictures,
    column: options.Column = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=1, help="Show only the N most probable moods.", show_default="3 in a table, otherwise all"
        ),
    ] = None,
    tags: Annotated[int, typer.Option(min=0, help="Also show the N strongest tags.")] = 0,
    layout: Annotated[
        Layout | None,
        typer.Option("--format", help="Output format.", show_default="table, or the ending of -o"),
    ] = None,
    file: options.Output = None,
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
    views: options.Views = 1,
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
) -> None:
    """Classify pictures by the mood that they evoke.

    A picture that cannot be read is reported on standard error, the others are classified, and the exit code is 1.
    CSV and Parquet have one row for each picture and mood (image, mood, probability); JSON has one object per line
    for each picture. Tables and JSON also show the expected valence and arousal, from -1 to 1, and JSON the
    probability of a positive mood.

    Example: imagemood classify holiday/ --top 1 --format csv -o moods.csv
    """
    from imagemood.cli import heatmaps, moods
    from imagemood.prediction.cascade import Cascade

    layout = layout or layout_of(file)
    moods.check(layout, with_tags=bool(tags) or explain, affect=affect)
    pictures = found(paths, column) if heatmap is None else [picture.cached() for picture in found(paths, column)]
    cascade = Cascade.load(model, tagger=tagger, n_views=views, device=device)
    if explain and "tags" not in cascade.require_mood_classifier().inputs:
        raise InputError(
            "this model does not use tags, so tags cannot explain its predictions", hint="leave --explain out"
        )
    targets = {} if heatmap is None else heatmaps.targets(pictures, heatmap, cascade)
    with output.progress("Classifying") as tick:
        results = list(successful(cascade.classify_many(pictures), len(pictures), tick))
    if top is None and layout is Layout.table:
        top = _TABLE_TOP
    explanations = [cascade.explain(result) for result in results] if explain else None
    n_failed = heatmaps.write(results, targets)
    options_ = moods.OutputOptions(top, _EXPLANATION_TAGS if explain and not tags else tags, affect, explanations)
    output.emit(moods.RENDERERS[layout](results, options_), file)
    raise typer.Exit(int(len(results) < len(pictures) or n_failed > 0))


def tag(
    paths: options.Pictures,
    column: options.Column = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Write only the N strongest tags.", show_default="all 1000")
    ] = None,
    index: Annotated[
        bool, typer.Option("--index", help="Number the pictures from 0 instead of naming them.")
    ] = False,
    row_format: Annotated[
        RowFormat | None,
        typer.Option("--format", help="Format of the rows.", show_default="csv, or the ending of -o"),
    ] = None,
    file: options.Output = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
) -> None:
    """Score the tags of pictures and write rows (image, tag, score).

    Example: imagemood tag holiday/ --top 100 -o tags.csv.gz
    """
    import numpy as np

    from imagemood import tables
    from imagemood.models.tagger import Tagger
    from imagemood.prediction.cascade import Cascade
    from imagemood.tables.tag_set import TagSet

    target = file or "-"
    kind = tables.format_of(target, row_format)
    if kind == "protobuf" and not index:
        raise InputError("protobuf identifies pictures by number, not by name", hint="add --index")
    pictures = without_duplicates(found(paths, column))
    loaded = Tagger.load(tagger, device=device)
    with output.progress("Tagging") as tick:
        results = list(successful(Cascade(loaded).tag_many(pictures), len(pictures), tick))
    if not results:
        raise typer.Exit(1)
    names = range(len(results)) if index else [result.image for result in results]
    scores = np.stack([result.scores for result in results if result.scores is not None])
    tables.write(TagSet.from_matrix(scores, names, loaded.labels, n_top=top), target, format=kind)
    raise typer.Exit(int(len(results) < len(pictures)))


def mood(
    tag_file: Annotated[str, typer.Argument(help="Tag rows (image, tag, score), or - for standard input.")],
    input_format: Annotated[
        RowFormat | None,
        typer.Option("--input-format", help="Format of the tag rows.", show_default="by file ending"),
    ] = None,
    row_format: Annotated[
        RowFormat | None,
        typer.Option("--format", help="Format of the mood rows.", show_default="csv, or the ending of -o"),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(help="Visual features of the pictures, for a model that needs them.", show_default=False),
    ] = None,
    file: options.Output = None,
    model: Annotated[str, typer.Option(help="Model directory, or a built-in model.", metavar="DIR")] = "tags",
) -> None:
    """Predict moods from tag rows (image, tag, score), as the 2018 program does.

    The result has the same columns, with moods in place of tags. Tags that the model does not know are skipped and
    counted in a warning. A picture without any known tag gets the prior probabilities of the moods.

    Example: imagemood mood tags.csv.gz -o moods.csv
    """
    from imagemood import tables
    from imagemood.models import model_directory

    target = file or "-"
    kind = tables.format_of(target, row_format)
    visual = None if features is None else tables.read_features(features)
    answer = model_directory.load(model).predict_rows(tables.read(tag_file, format=input_format), visual)
    if answer.n_unknown_rows:
        examples = ", ".join(f"'{tag}'" for tag in answer.unknown_tags[:3])
        output.warn(
            f"{answer.n_unknown_rows} rows skipped: the model does not know {len(answer.unknown_tags)} of the "
            f"tags, such as {examples}"
        )
    if answer.images_without_known_tag:
        output.warn(
            f"{len(answer.images_without_known_tag)} pictures have no known tag and get the prior probabilities, "
            f"such as {answer.images_without_known_tag[0]}"
        )
    tables.write(answer.rows, target, format=kind)


def layout_of(file: Path | None) -> Layout:
    """Return the output format that fits the ending of the output file."""
    from imagemood import tables

    if file is None or file.suffix == ".txt":
        return Layout.table
    kind = tables.format_of(file)
    if kind == "protobuf":
        raise InputError(
            "predictions for pictures cannot be written as protobuf", hint="use .csv, .jsonl or .parquet"
        )
    return Layout("json" if kind == "jsonl" else kind)


def found(paths: list[str], column: str | None = None) -> list[Picture]:
    """Find the pictures that the arguments of a command name."""
    from imagemood.pictures.sources import find_pictures

    return find_pictures(paths, column)


def without_duplicates(pictures: list[Picture]) -> list[Picture]:
    """Keep the first picture of each name."""
    unique: dict[str, Picture] = {}
    for picture in pictures:
        unique.setdefault(picture.name, picture)
    return list(unique.values())


def successful(results: Iterator[Result], n_total: int, tick: Callable[[int, int], None]) -> Iterator[Result]:
    """Yield the results of the pictures that could be classified, and report the others."""
    for done, result in enumerate(results, start=1):
        tick(done, n_total)
        if result.error is not None:
            output.report_error(result.error)
        else:
            yield result
