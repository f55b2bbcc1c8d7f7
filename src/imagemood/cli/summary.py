"""The command `summary`."""

from __future__ import annotations

from typing import Annotated

import typer

from imagemood._text import printable
from imagemood.cli import dataset_options, options
from imagemood.cli.dataset_options import LabelOrder, TrainingSetOptions
from imagemood.cli.option_groups import ReportOutput
from imagemood.cli.pictures import FolderSearch
from imagemood.cli.training_sets import TrainingSetReader


def summary(
    top: Annotated[int, typer.Argument(metavar="N", min=1, help="Number of tags.")],
    *,
    tags: dataset_options.Tags = None,
    labels: dataset_options.Labels = None,
    label_order: dataset_options.LabelOrderOption = LabelOrder.appearance,
    images: dataset_options.Photos = None,
    images_format: dataset_options.ImagesFormat = None,
    split: dataset_options.Split = None,
    folders: FolderSearch,
    example: dataset_options.Example = False,
    target: ReportOutput,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    ca_file: options.CaFile = None,
) -> None:
    """Show the top N tags of each mood of a training set, by the sum of their scores.

    Example: imagemood summary 5 --example
    """
    target.check([tags, labels, tagger])
    labelled = TrainingSetOptions(
        tags=tags,
        labels=labels,
        label_order=label_order,
        images=images,
        images_format=images_format,
        split=split,
        folders=folders,
        example=example,
    )
    chosen = TrainingSetReader(labelled, tagger, device).read(("tags",))
    strongest = chosen.training_set.summary(top)
    lines = []
    for mood, rows in strongest.items():
        lines += [mood, *(f"  {score:9.3f}  {tag}" for tag, score in rows), ""]
    target.emit({mood: dict(rows) for mood, rows in strongest.items()}, "\n".join(map(printable, lines)))
    raise typer.Exit(chosen.exit_code)
