"""The command `mood`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.options import RowFormat

_N_EXAMPLES = 3


def mood(
    tag_file: Annotated[str, typer.Argument(help="Tag rows (image, tag, score), or - for standard input.")],
    input_format: Annotated[
        RowFormat | None,
        typer.Option("--input-format", help="Format of the tag rows.", show_default="by file extension"),
    ] = None,
    row_format: Annotated[
        RowFormat | None,
        typer.Option("--format", help="Format of the mood rows.", show_default="csv, or the extension of -o"),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(help="Visual features of the pictures, for a model that needs them.", show_default=False),
    ] = None,
    file: options.Output = None,
    escape_formulas: options.EscapeFormulas = False,
    model: Annotated[str, typer.Option(help="Model directory, or a built-in model.", metavar="DIR")] = "tags",
    ca_file: options.CaFile = None,
) -> None:
    """Predict moods from tag rows (image, tag, score), as the 2018 program does.

    The result has the same columns, with moods in place of tags. Tags that the model does not know are skipped and
    counted in a warning. A picture without any known tag gets the prior probabilities of the moods.

    Example: imagemood mood tags.csv.gz -o moods.csv
    """
    from imagemood import tables
    from imagemood.cli import output_checks
    from imagemood.models import model_directory
    from imagemood.tables.files import is_archive

    options.check_standard_input([tag_file, features])
    target = file or "-"
    table_format = tables.format_of(target, row_format, option="--format")
    options.check_output_format(table_format, escape_formulas)
    if not is_archive(tag_file):
        tables.format_of(tag_file, input_format, option="--input-format")  # raises if it is unknown
    output_checks.check_output(file, [tag_file, features])
    visual = None if features is None else tables.read_features(features)
    prediction = model_directory.load(model).predict_rows(tables.read(tag_file, format=input_format), visual)
    if prediction.n_unknown_rows:
        examples = ", ".join(f"'{tag}'" for tag in prediction.unknown_tags[:_N_EXAMPLES])
        output.warn(
            f"{prediction.n_unknown_rows} rows skipped: the model does not know {len(prediction.unknown_tags)} of "
            f"the tags, such as {examples}"
        )
    if prediction.images_without_known_tag:
        output.warn(
            f"{len(prediction.images_without_known_tag)} pictures have no known tag and get the prior "
            f"probabilities, such as {prediction.images_without_known_tag[0]}"
        )
    tables.write(prediction.rows, target, format=table_format, escape_formulas=escape_formulas)
