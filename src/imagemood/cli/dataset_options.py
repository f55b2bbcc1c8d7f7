"""Options of the commands that read labelled datasets."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from imagemood.learning.datasets.format_names import DATASET_FORMATS


class VoteUse(StrEnum):
    """What to do with the votes of several annotators."""

    soft = "soft"
    majority = "majority"


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
