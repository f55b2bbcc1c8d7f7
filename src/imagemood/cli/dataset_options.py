"""Options of the commands that read labelled datasets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from imagemood.cli.pictures import FolderSearch
from imagemood.learning.datasets.format_names import DATASET_FORMATS


class LabelOrder(StrEnum):
    """Orders of named images in which their labels may be listed."""

    appearance = "appearance"
    sorted = "sorted"


class VoteUse(StrEnum):
    """What to do with the votes of several annotators."""

    soft = "soft"
    majority = "majority"


Tags = Annotated[
    str | None,
    typer.Option("--tags", help="Tag rows to train on, also at a URL.", metavar="FILE", show_default=False),
]
Labels = Annotated[
    str | None,
    typer.Option(
        help="Labels: one mood per line, or columns image,mood; with --images, also votes or ratings.",
        metavar="FILE",
        show_default=False,
    ),
]
LabelOrderOption = Annotated[
    LabelOrder,
    typer.Option(
        "--label-order",
        help="Order of named images that --labels without names is in: that of their first tag rows, or the "
        "alphabetical one, as in the 2018 program.",
    ),
]
FeatureFile = Annotated[
    Path | None,
    typer.Option(
        "--features", help="Visual features to train on in addition to --tags.", metavar="FILE", show_default=False
    ),
]
Photos = Annotated[
    str | None,
    typer.Option(
        "--images",
        help="Folder with one subfolder of pictures per mood, or a dataset as published.",
        metavar="FOLDER",
        show_default=False,
    ),
]
EvaluatedModel = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Evaluate this model directory or built-in model on --images, instead of an algorithm.",
        metavar="DIR",
        show_default=False,
    ),
]
ImagesFormat = Annotated[
    str | None,
    typer.Option(
        "--images-format",
        help=f"Format of the dataset in --images: {', '.join(DATASET_FORMATS)}.",
        metavar="FORMAT",
        show_default="detected",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        "--split",  # Typer 0.27 would name it after the metavar
        help="Official splits of the dataset to use, such as train or train+val, or all.",
        metavar="SPLIT",
        show_default=False,
    ),
]
Votes = Annotated[
    VoteUse,
    typer.Option(
        help="Use of votes for several moods: soft trains on all moods of a picture, weighted by their votes; "
        "majority trains on the mood with the most votes, and leaves out tied pictures."
    ),
]
Example = Annotated[
    bool, typer.Option("--example", help="Use the example training set that comes with the package.")
]


@dataclass(frozen=True, kw_only=True)
class TrainingSetOptions:
    """The options of a command that select labelled images."""

    tags: Tags = None
    labels: Labels = None
    label_order: LabelOrderOption = LabelOrder.appearance
    features: FeatureFile = None
    images: Photos = None
    images_format: ImagesFormat = None
    split: Split = None
    votes: Votes = VoteUse.soft
    folders: FolderSearch
    example: Example = False

    def files(self) -> Iterator[str | Path | None]:
        """Yield the files with tag rows, labels and visual features."""
        yield from (self.tags, self.labels, self.features)
