"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Layout(StrEnum):
    """How to show moods."""

    table = "table"
    json = "json"
    csv = "csv"
    parquet = "parquet"


class RowFormat(StrEnum):
    """Formats of tag rows."""

    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"
    protobuf = "protobuf"


class TableFormat(StrEnum):
    """Formats of tables."""

    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"


class Algorithm(StrEnum):
    """Algorithms to train."""

    rf = "rf"
    svm = "svm"
    logistic = "logistic"
    linear_svm = "linear-svm"
    extra_trees = "extra-trees"
    boosting = "boosting"
    knn = "knn"
    mlp = "mlp"
    ensemble = "ensemble"


class Report(StrEnum):
    """How to show figures."""

    text = "text"
    json = "json"


Pictures = Annotated[
    list[str],
    typer.Argument(help="Files, folders, globs, http(s) URLs, or - for standard input.", show_default=False),
]
Model = Annotated[
    str | None,
    typer.Option(help="Model directory, or a built-in model: default, tags.", metavar="DIR", show_default=False),
]
Tagger = Annotated[
    Path | None,
    typer.Option(help="ONNX image classifier with its JSON beside it.", metavar="PATH.onnx", show_default=False),
]
Device = Annotated[
    str,
    typer.Option(
        envvar="IMAGEMOOD_DEVICE",
        help="Where the network runs: auto (a CUDA GPU that works, else the CPU), cpu, cuda, or cuda:N.",
        metavar="DEVICE",
    ),
]
Views = Annotated[int, typer.Option(min=1, max=2, help="2: look at the mirror image, too, for twice the time.")]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="File to write to; it appears whole or not at all.", show_default=False),
]
Tags = Annotated[
    Path | None, typer.Option("--tags", help="Tag rows to learn from.", metavar="FILE", show_default=False)
]
Labels = Annotated[
    Path | None,
    typer.Option(help="Moods: one on each line, or columns image,mood.", metavar="FILE", show_default=False),
]
Photos = Annotated[
    Path | None,
    typer.Option(
        "--images", help="Folder with a folder of pictures for each mood.", metavar="FOLDER", show_default=False
    ),
]
Example = Annotated[bool, typer.Option("--example", help="Use the example training set in the package.")]
LearnFrom = Annotated[
    str | None,
    typer.Option(
        "--inputs",
        help="What to learn from: tags, embedding and visual, with + between.",
        show_default="embedding+tags of pictures, tags of tag rows",
    ),
]
VisualFile = Annotated[
    Path | None,
    typer.Option(
        "--features", help="Visual features to learn from beside --tags.", metavar="FILE", show_default=False
    ),
]
Balanced = Annotated[bool, typer.Option("--balanced", help="Let each mood count alike, not each image.")]
Work = Annotated[
    Path | None,
    typer.Option(
        help="Folder that keeps what is finished, so that the same command goes on from there.", metavar="DIR"
    ),
]
Folds = Annotated[int, typer.Option(min=2, help="Parts of the stratified cross-validation.")]
Show = Annotated[
    Report | None,
    typer.Option("--format", help="How to show the figures.", show_default="text, or json where -o says so"),
]
Mask = Annotated[
    str | None,
    typer.Option(
        help="Learn from copies of each image that keep these shares of its tags, such as 0.1,0.25,0.5,1.",
        metavar="SHARES",
        show_default=False,
    ),
]
Noise = Annotated[
    float, typer.Option(min=0, max=1, help="Learn with noise on absent tags, up to this share of the mean score.")
]
Seed = Annotated[int, typer.Option(help="Seed of all that is random.")]
