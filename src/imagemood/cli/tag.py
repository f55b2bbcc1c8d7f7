"""The command `tag`."""

from __future__ import annotations

from typing import Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.options import RowFormat
from imagemood.cli.pictures import FolderSearch, successful_results, without_duplicates
from imagemood.errors import InputError


def tag(
    paths: options.Pictures,
    *,
    column: options.Column = None,
    folders: FolderSearch,
    top: Annotated[
        int | None, typer.Option(min=1, help="Write only the N strongest tags.", show_default="all")
    ] = None,
    index: Annotated[
        bool, typer.Option("--index", help="Number the pictures from 0 instead of naming them.")
    ] = False,
    row_format: Annotated[
        RowFormat | None,
        typer.Option("--format", help="Format of the rows.", show_default="csv, or the extension of -o"),
    ] = None,
    file: options.Output = None,
    escape_formulas: options.EscapeFormulas = False,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    decode_timeout: options.DecodeTimeout = None,
    ca_file: options.CaFile = None,
) -> None:
    """Score the tags of pictures and write rows (image, tag, score).

    Example: imagemood tag holiday/ --top 100 -o tags.csv.gz
    """
    import numpy as np

    from imagemood import tables
    from imagemood.cli import output_checks
    from imagemood.models.tagger import Tagger
    from imagemood.pictures.processes import decoder_processes
    from imagemood.prediction.cascade import Cascade
    from imagemood.tables.tag_set import TagSet

    target = file or "-"
    usable = [name for name, known in tables.FORMATS.items() if known.holds_names or index]
    table_format = tables.format_of(target, row_format, formats=usable, option="--format")
    options.check_output_format(table_format, escape_formulas)
    if table_format not in usable:
        raise InputError(f"{table_format} identifies pictures by number, not by name", hint="add --index")
    output_checks.check_output(file, [*paths, tagger])
    pictures = without_duplicates(folders.find_pictures(paths, column))
    output_checks.check_not_pictures([file], pictures)
    loaded = Tagger.load(tagger, device=device)
    loaded.require_tags(hint="use a tagger whose card has labels")
    cascade = Cascade(loaded, decoder=decoder_processes.decoder(decode_timeout))
    with output.progress("Tagging") as progress:
        results = list(successful_results(cascade.tag_many(pictures), len(pictures), progress))
    if not results:
        raise typer.Exit(1)
    names = range(len(results)) if index else [result.image for result in results]
    scores = np.stack([result.scores for result in results if result.scores is not None])
    tables.write(
        TagSet.from_matrix(scores, names, cascade.tagger.labels, n_top=top),
        target,
        format=table_format,
        escape_formulas=escape_formulas,
    )
    raise typer.Exit(int(len(results) < len(pictures)))
