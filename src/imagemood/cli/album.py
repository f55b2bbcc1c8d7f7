"""The command `album`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from imagemood.cli import options, output
from imagemood.cli.collection_reader import CollectionReader
from imagemood.cli.option_groups import ModelOptions
from imagemood.cli.pictures import FolderSearch


def album(
    source: options.CollectionSource,
    page: Annotated[
        Path,
        typer.Option("-o", "--output", help="HTML file to write, atomically.", metavar="FILE", show_default=False),
    ],
    *,
    title: Annotated[str | None, typer.Option(help="Title of the page.", show_default="the folder")] = None,
    folders: FolderSearch,
    models: ModelOptions,
    ca_file: options.CaFile = None,
) -> None:
    """Write an HTML page that summarises the moods of an album.

    It shows the shares of the moods, valence and arousal, the moods by the dates at which the pictures were taken,
    the strongest picture of each mood, and those that are unlike the others. It contains the thumbnails and loads
    nothing else.

    Example: imagemood album holiday/ -o holiday.html
    """
    from imagemood.albums.page import write_page
    from imagemood.cli import output_checks

    output_checks.check_output(page, [source, models.tagger])
    output_checks.check_extension(page, output_checks.HTML_EXTENSIONS, "an album is an HTML page")
    reader = CollectionReader(source, folders, models, embeddings=True)
    collection = reader.read(page)
    if not len(collection):
        raise typer.Exit(1)
    with output.progress("Reading dates", unit="pictures") as progress:
        write_page(
            collection,
            page,
            reader.opener(),
            title=title or source,
            n_failed=reader.n_failed,
            progress=progress,
        )
    raise typer.Exit(int(reader.n_failed > 0))
