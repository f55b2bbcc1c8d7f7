"""Options and option values that several commands share."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from imagemood import _extras
from imagemood.errors import InputError
from imagemood.learning.algorithms import ALGORITHMS
from imagemood.tables.formats import FORMATS, TABLE_FORMATS

RowFormat = StrEnum("RowFormat", {name: name for name in FORMATS})  # type: ignore[misc]
RowFormat.__doc__ = "File formats of tag rows and mood rows."

TableFormat = StrEnum("TableFormat", {name: name for name in TABLE_FORMATS})  # type: ignore[misc]
TableFormat.__doc__ = "File formats of other tables."

# Predictions in JSON lines have one object per picture instead of one per row, and are called json.
_PREDICTION_FORMATS = ["table", "json", *(name for name in TABLE_FORMATS if name != "jsonl")]
PredictionFormat = StrEnum("PredictionFormat", {name: name for name in _PREDICTION_FORMATS})  # type: ignore[misc]
PredictionFormat.__doc__ = "Output formats of predictions and search hits."


def check_holds_any_table(table_format: str, what: str) -> None:
    """Raise if the file format can hold only tag rows."""
    if table_format not in TABLE_FORMATS:
        extensions = ", ".join(FORMATS[name].extensions[0] for name in TABLE_FORMATS)
        raise InputError(f"{what} cannot be written as {table_format}", hint=f"use one of {extensions}")


def check_output_format(output_format: str, escape_formulas: bool) -> None:
    """Raise if formulas are to be escaped in another format than CSV, or the format needs a missing extra."""
    if output_format == "parquet":
        _extras.require("tables")
    if escape_formulas and output_format != "csv":
        raise InputError(f"--escape-formulas does not apply to {output_format}", hint="omit it, or use CSV")


def prediction_format_of(file: Path | None) -> PredictionFormat:
    """Return the output format for the extension of the output file; a table for standard output and pipes."""
    from imagemood import tables
    from imagemood._files import is_stream

    if file is None or file.suffix == ".txt" or (not file.suffix and is_stream(file)):
        return PredictionFormat("table")
    table_format = tables.format_of(file, formats=TABLE_FORMATS, option="--format")
    check_holds_any_table(table_format, "predictions for pictures")
    return PredictionFormat("json" if table_format == "jsonl" else table_format)


def _use_certificates(file: Path | None) -> Path | None:
    """Use the certificate authorities in a file for all connections of the command."""
    from imagemood import _certificates

    _certificates.use(file)
    return file


def check_not_standard_input(source: str) -> str:
    """Raise if a source of many pictures is standard input; return the source."""
    if source == "-":
        raise InputError("standard input is one picture", where="-", hint="use imagemood classify -")
    return source


def check_standard_input(files: Iterable[str | Path | None]) -> None:
    """Raise `InputError` if several input files of a command are standard input, which can be read only once."""
    if [str(file) for file in files].count("-") > 1:
        raise InputError("is given for several inputs", where="-", hint="give - only once")


Algorithm = StrEnum("Algorithm", {name.replace("-", "_"): name for name in ALGORITHMS})  # type: ignore[misc]
Algorithm.__doc__ = "Names of the training algorithms."


class SummaryFormat(StrEnum):
    """Output formats of evaluations, summaries and other reports."""

    text = "text"
    json = "json"


Pictures = Annotated[
    list[str],
    typer.Argument(
        help="Files, folders, globs or tables: paths or s3, gs, az or http(s) URLs; - for standard input.",
        show_default=False,
    ),
]
Column = Annotated[
    str | None,
    typer.Option(
        help="Column of the table that has the paths of the pictures or the picture files.", show_default=False
    ),
]
PredictionFormatOption = Annotated[
    PredictionFormat | None,
    typer.Option("--format", help="Output format.", show_default="table, or the extension of -o"),
]
Model = Annotated[
    str | None,
    typer.Option(help="Model directory, or a built-in model: default, tags.", metavar="DIR", show_default=False),
]
Tagger = Annotated[
    Path | None,
    typer.Option(
        help="ONNX image classifier with its JSON card beside it, or a folder with both.",
        metavar="PATH",
        show_default="the tagger in the model directory, or the built-in one",
    ),
]
Device = Annotated[
    str,
    typer.Option(
        "--device",  # Typer 0.27 would name it after the metavar
        envvar="IMAGEMOOD_DEVICE",
        help="Where to run the network: auto (a working CUDA GPU, or else the CPU), cpu, cuda, or cuda:N.",
        metavar="DEVICE",
    ),
]
Views = Annotated[
    int,
    typer.Option(min=1, max=2, help="2: also classify the mirror image and average, which takes twice the time."),
]
DecodeTimeout = Annotated[
    float | None,
    typer.Option(
        min=0.01,
        help="Decode pictures in separate processes, and end the decoding of a picture after S seconds.",
        metavar="S",
        show_default="no limit; decode in threads, which is faster",
    ),
]
CollectionSource = Annotated[
    str,
    typer.Argument(
        help="Dataset written by imagemood bulk, or a folder of pictures.",
        metavar="FOLDER",
        show_default=False,
        callback=check_not_standard_input,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="File to write, atomically.", show_default=False),
]
EscapeFormulas = Annotated[
    bool,
    typer.Option(
        "--escape-formulas",
        help="For spreadsheets: write an apostrophe in CSV before text that they would read as a formula.",
    ),
]
TrainedAlgorithm = Annotated[
    Algorithm,
    typer.Option(
        "--algorithm",
        help=f"Algorithm to train ({'; '.join(f'{name}: {spec.title}' for name, spec in ALGORITHMS.items())}).",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        help="Certificate authorities to trust for connections, in PEM format.",
        metavar="FILE",
        show_default="SSL_CERT_FILE or REQUESTS_CA_BUNDLE, or else those of the system and of Mozilla",
        callback=_use_certificates,
        is_eager=True,
    ),
]
Inputs = Annotated[
    str | None,
    typer.Option(
        "--inputs",
        help="Inputs to train on: tags, embedding and visual, joined by +.",
        show_default="embedding+tags for pictures, tags for tag rows",
    ),
]
Balanced = Annotated[
    bool, typer.Option("--balanced", help="Weight pictures so that all moods have the same total weight.")
]
Work = Annotated[
    Path | None,
    typer.Option(
        help="Folder for intermediate results, with which an interrupted command resumes.", metavar="DIR"
    ),
]
Folds = Annotated[int, typer.Option(min=2, help="Number of folds of the stratified cross-validation.")]
ReportFormat = Annotated[
    SummaryFormat | None,
    typer.Option("--format", help="Output format.", show_default="text, or the extension of -o"),
]
Mask = Annotated[
    str | None,
    typer.Option(
        help="Train on copies of each picture that keep these fractions of its tags, such as 0.1,0.25,0.5,1.",
        metavar="FRACTIONS",
        show_default=False,
    ),
]
Noise = Annotated[
    float,
    typer.Option(
        min=0, max=1, help="Add noise to some missing tags while training, up to this fraction of the mean score."
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Random seed.")]
Force = Annotated[
    bool, typer.Option("--force", help="Replace the model in the output folder, and all other files there.")
]
