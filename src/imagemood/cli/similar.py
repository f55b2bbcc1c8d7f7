"""The command `similar`."""

from __future__ import annotations

from typing import Annotated

import typer

from imagemood.albums.aspect import Aspect
from imagemood.cli import options
from imagemood.cli.collection_reader import CollectionReader
from imagemood.cli.option_groups import ModelOptions, PredictionOutput
from imagemood.cli.pictures import FolderSearch


def similar(
    query: Annotated[
        str,
        typer.Argument(
            help="The picture to compare with: a path or URL, or - for standard input.",
            metavar="PICTURE",
            show_default=False,
        ),
    ],
    source: options.CollectionSource,
    *,
    by: Annotated[Aspect, typer.Option(help="Compare the moods, the contents, or both.")] = Aspect.both,
    top: Annotated[int, typer.Option(min=1, help="Number of pictures to show.", metavar="N")] = 10,
    folders: FolderSearch,
    target: PredictionOutput,
    models: ModelOptions,
    ca_file: options.CaFile = None,
) -> None:
    """Find the pictures that are most similar to a picture.

    A dataset is searched without computing anything again; the pictures of a folder are classified first.

    Example: imagemood similar beach.jpg photos/ --by mood
    """
    from imagemood.albums.collection import from_results
    from imagemood.albums.similarity import most_similar
    from imagemood.cli.similar_renderer import Neighbours
    from imagemood.errors import NoPicturesError

    target.check([query, source, models.tagger])
    reader = CollectionReader(source, folders, models, embeddings=by is not Aspect.mood)
    reader.check()
    cascade = models.load()
    labels = cascade.require_mood_classifier().labels
    result = cascade.classify(query, ("embedding",))
    (picture,) = from_results([result], labels)
    found = most_similar(reader.parts(cascade, target.file), picture, by, top, reader.recogniser(query))
    if not found and not reader.n_failed:
        hint = "give a folder with other pictures, or a dataset"
        raise NoPicturesError("no other picture to compare with", where=source, hint=hint)
    target.emit(Neighbours(found))
    raise typer.Exit(int(reader.n_failed > 0))
