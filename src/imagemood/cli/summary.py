"""The command `summary`."""

from __future__ import annotations

from typing import Annotated

import typer

from imagemood._text import printable
from imagemood.cli import dataset_options, options, output
from imagemood.cli.options import LabelOrder
from imagemood.cli.pictures import FolderSearch
from imagemood.cli.training_sets import TrainingSetOptions


def summary(
    context: typer.Context,
    top: Annotated[int, typer.Argument(metavar="N", min=1, help="Number of tags.")],
    tags: options.Tags = None,
    labels: options.Labels = None,
    label_order: options.LabelOrderOption = LabelOrder.appearance,
    images: options.Photos = None,
    images_format: dataset_options.ImagesFormat = None,
    split: dataset_options.Split = None,
    include_hidden: options.IncludeHidden = False,
    follow_links: options.FollowLinks = False,
    show_skipped: options.ShowSkipped = False,
    example: options.Example = False,
    layout: options.ReportFormat = None,
    file: options.Output = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    ca_file: options.CaFile = None,
) -> None:
    """Show the top N tags of each mood of a training set, by the sum of their scores.

    Example: imagemood summary 5 --example
    """
    from imagemood.cli import outputs

    outputs.check_output(file, [tags, labels, tagger])
    folders = FolderSearch(
        context, include_hidden=include_hidden, follow_links=follow_links, show_skipped=show_skipped
    )
    source = TrainingSetOptions(
        tags,
        labels,
        images,
        example,
        tagger=tagger,
        device=device,
        folders=folders,
        images_format=images_format,
        split=split,
        label_order=label_order,
    )
    chosen = source.read(("tags",))
    strongest = chosen.training_set.summary(top)
    if output.as_json(layout, file):
        output.emit_json({mood: dict(rows) for mood, rows in strongest.items()}, file)
    else:
        lines = []
        for mood, rows in strongest.items():
            lines += [mood, *(f"  {score:9.3f}  {tag}" for tag, score in rows), ""]
        output.emit("\n".join(map(printable, lines)), file)
    raise typer.Exit(chosen.exit_code)
