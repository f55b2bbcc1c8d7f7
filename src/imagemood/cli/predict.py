"""classify, tag, mood: from pictures or tag rows to moods."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.options import Layout, RowFormat
from imagemood.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagemood.pictures.sources import Source
    from imagemood.prediction.result import Result

_TABLE_TOP = 3
_SHOWN_TAGS = 5  # of an explanation


def classify(
    paths: options.Pictures,
    top: Annotated[
        int | None,
        typer.Option(min=1, help="Only the N most probable moods.", show_default="3 in a table, else all"),
    ] = None,
    tags: Annotated[int, typer.Option(min=0, help="Show the N strongest tags too.")] = 0,
    layout: Annotated[
        Layout | None,
        typer.Option("--format", help="How to show the moods.", show_default="table, or what -o says"),
    ] = None,
    file: options.Output = None,
    affect: Annotated[
        bool, typer.Option("--affect", help="Add columns valence, arousal and positive to CSV and Parquet.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say by how much the mood would drop without each of the tags.")
    ] = False,
    heatmap: Annotated[
        Path | None,
        typer.Option(
            help="Lay the map of the mood over the picture: a PNG file, or a folder for many pictures.",
            metavar="PATH",
            show_default=False,
        ),
    ] = None,
    views: options.Views = 1,
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
) -> None:
    """Tell the moods of pictures.

    A picture that cannot be used is named on standard error and the others are classified; the exit code is
    then 1. CSV and Parquet have a row for each picture and mood (image, mood, probability), JSON has an object
    for each picture on a line of its own. Table and JSON also give the expected valence and arousal, from -1 to 1,
    and the probability of a pleasant mood.

    Example: imagemood classify holiday/ --top 1 --format csv -o moods.csv
    """
    from imagemood.cli import heatmaps, moods
    from imagemood.prediction.cascade import Cascade

    layout = layout or layout_of(file)
    moods.check(layout, with_tags=bool(tags) or explain, affect=affect)
    sources = found(paths) if heatmap is None else heatmaps.readable_twice(found(paths))
    cascade = Cascade.load(model, tagger=tagger, n_views=views, device=device)
    if explain and "tags" not in cascade.needed_moods.inputs:
        raise InputError(
            "this model does not look at tags, so that none can explain it", hint="leave --explain out"
        )
    targets = {} if heatmap is None else heatmaps.targets(sources, heatmap, cascade)
    with output.progress("Classifying") as tick:
        results = list(succeeded(cascade.classify_many(sources), len(sources), tick))
    if top is None and layout is Layout.table:
        top = _TABLE_TOP
    explanations = [cascade.explain(result) for result in results] if explain else None
    n_failed = heatmaps.write(results, targets)
    shown = moods.Shown(top, _SHOWN_TAGS if explain and not tags else tags, affect, explanations)
    output.emit(moods.RENDERERS[layout](results, shown), file)
    raise typer.Exit(int(len(results) < len(sources) or n_failed > 0))


def tag(
    paths: options.Pictures,
    top: Annotated[
        int | None, typer.Option(min=1, help="Only the N strongest tags.", show_default="all 1000")
    ] = None,
    index: Annotated[
        bool, typer.Option("--index", help="Number the images from 0 instead of naming them.")
    ] = False,
    row_format: Annotated[
        RowFormat | None, typer.Option("--format", help="Format of the rows.", show_default="csv, or what -o says")
    ] = None,
    file: options.Output = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
) -> None:
    """Score the tags of pictures: rows (image, tag, score).

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
        raise InputError("protobuf holds images by number, not by name", hint="number them with --index")
    sources = list(dict.fromkeys(found(paths)))
    loaded = Tagger.load(tagger, device=device)
    with output.progress("Tagging") as tick:
        results = list(succeeded(Cascade(loaded).tag_many(sources), len(sources), tick))
    if not results:
        raise typer.Exit(1)
    names = range(len(results)) if index else [result.image for result in results]
    scores = np.stack([result.scores for result in results if result.scores is not None])
    tables.write(TagSet.from_matrix(scores, names, loaded.labels, n_top=top), target, format=kind)
    raise typer.Exit(int(len(results) < len(sources)))


def mood(
    tag_file: Annotated[str, typer.Argument(help="Tag rows (image, tag, score), or - for standard input.")],
    input_format: Annotated[
        RowFormat | None, typer.Option("--input-format", help="Format of the tag rows.", show_default="by ending")
    ] = None,
    row_format: Annotated[
        RowFormat | None,
        typer.Option("--format", help="Format of the mood rows.", show_default="csv, or what -o says"),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(help="Visual features of the images, for a model that needs them.", show_default=False),
    ] = None,
    file: options.Output = None,
    model: Annotated[str, typer.Option(help="Model directory, or a built-in model.", metavar="DIR")] = "tags",
) -> None:
    """Tell moods from tag rows, as the 2018 program did: rows (image, tag, score) where the tags are moods.

    Tags that the model does not know are left out and counted. An image of which nothing is known gets the prior.

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
            f"{answer.n_unknown_rows} rows left out: the model does not know {len(answer.unknown_tags)} of the "
            f"tags, such as {examples}"
        )
    if answer.images_without_known_tag:
        output.warn(
            f"{len(answer.images_without_known_tag)} images have no known tag and get the prior of the moods, "
            f"such as {answer.images_without_known_tag[0]}"
        )
    tables.write(answer.rows, target, format=kind)


def layout_of(file: Path | None) -> Layout:
    """Tell by the ending of the file that is written how to show what is found of pictures."""
    from imagemood import tables

    if file is None or file.suffix == ".txt":
        return Layout.table
    kind = tables.format_of(file)
    if kind == "protobuf":
        raise InputError("moods of pictures are not written as protobuf", hint="use .csv, .jsonl or .parquet")
    return Layout("json" if kind == "jsonl" else kind)


def found(paths: list[str]) -> list[Source]:
    """Find the pictures that the user names."""
    from imagemood.pictures import sources

    return sources.find(paths)


def succeeded(results: Iterator[Result], n_total: int, tick: Callable[[int, int], None]) -> Iterator[Result]:
    """Name each picture that failed, and give the others."""
    for done, result in enumerate(results, start=1):
        tick(done, n_total)
        if result.error is not None:
            output.complain(result.error)
        else:
            yield result
