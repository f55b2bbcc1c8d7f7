"""The command `cluster`."""

from __future__ import annotations

from typing import Annotated

import typer

from imagemood.albums.aspect import Aspect
from imagemood.cli import options
from imagemood.cli.collection_reader import CollectionReader
from imagemood.cli.option_groups import ModelOptions, PredictionOutput
from imagemood.cli.pictures import FolderSearch


def cluster(
    source: options.CollectionSource,
    *,
    by: Annotated[
        Aspect, typer.Option(help="Whether the pictures of an album have similar moods, contents, or both.")
    ] = Aspect.both,
    albums: Annotated[
        int | None, typer.Option(min=1, help="Number of albums.", metavar="N", show_default="chosen by silhouette")
    ] = None,
    folders: FolderSearch,
    target: PredictionOutput,
    models: ModelOptions,
    ca_file: options.CaFile = None,
) -> None:
    """Divide pictures into albums of similar ones, each with the picture that represents it best.

    A dataset is used without computing anything again; the pictures of a folder are classified first. No file is
    moved or changed.

    Example: imagemood cluster photos/ -o albums.csv
    """
    from imagemood.albums.clustering import cluster as divide
    from imagemood.cli.album_renderer import Albums

    target.check([source, models.tagger])
    reader = CollectionReader(source, folders, models, embeddings=by is not Aspect.mood)
    collection = reader.read(target.file)
    target.emit(Albums(collection, divide(collection, by, albums)))
    raise typer.Exit(int(reader.n_failed > 0))
