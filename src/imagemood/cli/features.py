"""The command `features`."""

from __future__ import annotations

from typing import Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.options import TableFormat
from imagemood.cli.pictures import FolderSearch, successful_results, without_duplicates


def features(
    paths: options.Pictures,
    *,
    column: options.Column = None,
    folders: FolderSearch,
    table_format: Annotated[
        TableFormat | None,
        typer.Option("--format", help="Format of the table.", show_default="csv, or the extension of -o"),
    ] = None,
    file: options.Output = None,
    escape_formulas: options.EscapeFormulas = False,
    decode_timeout: options.DecodeTimeout = None,
    ca_file: options.CaFile = None,
) -> None:
    """Compute the visual features of pictures: colour, texture, composition, content.

    The table has one row for each picture and one column for each feature.

    Example: imagemood features holiday/ -o features.parquet
    """
    import numpy as np

    from imagemood import tables, visual
    from imagemood.cli import output_checks
    from imagemood.pictures.processes import decoder_processes
    from imagemood.prediction.visual_features import compute_many
    from imagemood.tables.formats import TABLE_FORMATS

    target = file or "-"
    file_format = tables.format_of(target, table_format, formats=TABLE_FORMATS, option="--format")
    options.check_holds_any_table(file_format, "visual features")
    options.check_output_format(file_format, escape_formulas)
    output_checks.check_output(file, paths)
    pictures = without_duplicates(folders.find_pictures(paths, column))
    output_checks.check_not_pictures([file], pictures)
    computed = compute_many(pictures, decoder=decoder_processes.decoder(decode_timeout))
    with output.progress("Measuring") as progress:
        results = list(successful_results(computed, len(pictures), progress))
    if not results:
        raise typer.Exit(1)
    values = np.stack([result.visual for result in results if result.visual is not None])
    table = tables.FeatureTable([result.image for result in results], visual.NAMES, values)
    tables.write_table(table.to_columns(), target, format=file_format, escape_formulas=escape_formulas)
    raise typer.Exit(int(len(results) < len(pictures)))
