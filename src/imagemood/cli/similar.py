"""The command `similar`."""

from __future__ import annotations

from typing import Annotated

import typer

from imagemood.albums.aspect import Aspect
from imagemood.cli import options, output
from imagemood.cli.collections import CollectionReader


def similar(
    context: typer.Context,
    query: Annotated[
        str,
        typer.Argument(help="The picture to compare with: a path or URL.", metavar="PICTURE", show_default=False),
    ],
    source: options.CollectionSource,
    by: Annotated[Aspect, typer.Option(help="Compare the moods, the contents, or both.")] = Aspect.both,
    top: Annotated[int, typer.Option(min=1, help="Number of pictures to show.", metavar="N")] = 10,
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
    """Find the pictures that are most similar to a picture.

    A dataset is searched without computing anything again; the pictures of a folder are classified first.

    Example: imagemood similar beach.jpg photos/ --by mood
    """
    from imagemood.albums.collection import from_results
    from imagemood.albums.similarity import most_similar
    from imagemood.cli import outputs
    from imagemood.cli.renderers import render
    from imagemood.cli.similar_renderer import Neighbours
    from imagemood.prediction.cascade import Cascade

    output_format = output_format or options.prediction_format_of(file)
    options.check_output_format(output_format, escape_formulas)
    outputs.check_output(file, [query, source, tagger])
    reader = CollectionReader(
        context,
        source,
        embeddings=by is not Aspect.mood,
        include_hidden=include_hidden,
        follow_links=follow_links,
        show_skipped=show_skipped,
    )
    reader.check(model, tagger)
    cascade = Cascade.load(model, tagger=tagger, device=device, decode_timeout_s=decode_timeout)
    labels = cascade.require_mood_classifier().labels
    result = cascade.classify(query, ("embedding",))
    (picture,) = from_results([result], labels)
    neighbours = most_similar(reader.parts(cascade, file), picture, by, top)
    output.emit(render(Neighbours(neighbours), output_format, file, escape_formulas=escape_formulas), file)
    raise typer.Exit(int(reader.n_failed > 0))
