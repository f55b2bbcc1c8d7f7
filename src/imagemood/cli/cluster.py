"""The command `cluster`."""

from __future__ import annotations

from typing import Annotated

import typer

from imagemood.albums.aspect import Aspect
from imagemood.cli import options, output
from imagemood.cli.collections import CollectionReader


def cluster(
    context: typer.Context,
    source: options.CollectionSource,
    by: Annotated[
        Aspect, typer.Option(help="Whether the pictures of an album have similar moods, contents, or both.")
    ] = Aspect.both,
    albums: Annotated[
        int | None, typer.Option(min=1, help="Number of albums.", metavar="N", show_default="chosen by silhouette")
    ] = None,
    include_hidden: options.IncludeHidden = False,
    follow_links: options.FollowLinks = False,
    show_skipped: options.ShowSkipped = False,
    output_format: options.PredictionFormatOption = None,
    file: options.Output = None,
    escape_formulas: options.EscapeFormulas = False,
    model: options.Model = None,
    tagger: options.Tagger = None,
    device: options.Device = "auto",
    decode_timeout: options.DecodeTimeout = None,
    ca_file: options.CaFile = None,
) -> None:
    """Divide pictures into albums of similar ones, each with the picture that represents it best.

    A dataset is used without computing anything again; the pictures of a folder are classified first. No file is
    moved or changed.

    Example: imagemood cluster photos/ -o albums.csv
    """
    from imagemood.albums.clustering import cluster as divide
    from imagemood.cli import outputs
    from imagemood.cli.album_renderer import Albums
    from imagemood.cli.renderers import render

    output_format = output_format or options.prediction_format_of(file)
    options.check_output_format(output_format, escape_formulas)
    outputs.check_output(file, [source, tagger])
    reader = CollectionReader(
        context,
        source,
        embeddings=by is not Aspect.mood,
        include_hidden=include_hidden,
        follow_links=follow_links,
        show_skipped=show_skipped,
    )
    collection = reader.read(model, tagger, device, decode_timeout, file)
    found = Albums(collection, divide(collection, by, albums))
    output.emit(render(found, output_format, file, escape_formulas=escape_formulas), file)
    raise typer.Exit(int(reader.n_failed > 0))
