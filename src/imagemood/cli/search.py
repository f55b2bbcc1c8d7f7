"""The command `search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from imagemood.cli import options, output
from imagemood.cli.pictures import FolderSearch, successful_results

if TYPE_CHECKING:
    from imagemood.errors import MoodError
    from imagemood.pictures.picture import Picture
    from imagemood.prediction.cascade import Cascade


def search(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            help="Dataset written by imagemood bulk, or a folder of pictures.", metavar="PATH", show_default=False
        ),
    ],
    mood: Annotated[str, typer.Option(help="Mood to search for.", show_default=False)],
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
    """Find the pictures that evoke a mood with the highest probability.

    A dataset is searched without a model. The pictures of a folder are classified first.

    Example: imagemood search photos/ --mood awe --top 50
    """
    from imagemood.bulk.search import check_mood, dataset_tables, most_probable, open_dataset
    from imagemood.cli import outputs
    from imagemood.cli.renderers import SearchHits, render

    output_format = output_format or options.prediction_format_of(file)
    options.check_output_format(output_format, escape_formulas)
    outputs.check_output(file, [source, tagger])
    n_failed = 0
    opened = open_dataset(source)
    if opened is not None:
        dataset, info = opened
        check_mood(mood, info.labels)
        rows = most_probable(dataset_tables(dataset, mood), mood, top)
    else:
        from imagemood.prediction.cascade import Cascade

        folders = FolderSearch(
            context, include_hidden=include_hidden, follow_links=follow_links, show_skipped=show_skipped
        )
        cascade = Cascade.load(model, tagger=tagger, device=device, decode_timeout_s=decode_timeout)
        check_mood(mood, cascade.require_mood_classifier().labels)
        pictures = folders.find_pictures([source])
        outputs.check_not_pictures([file], pictures)
        rows, n_failed = _search_pictures(pictures, mood, top, cascade)
    output.emit(render(SearchHits(rows), output_format, file, escape_formulas=escape_formulas), file)
    raise typer.Exit(int(n_failed > 0))


def _search_pictures(
    pictures: list[Picture], mood: str, top: int, cascade: Cascade
) -> tuple[list[dict[str, Any]], int]:
    """Classify pictures; return the rows of the most probable ones and the number of pictures that failed."""
    from imagemood.bulk.search import most_probable, result_tables

    errors: list[MoodError] = []
    with output.progress("Classifying", unit="pictures") as progress:
        results = successful_results(cascade.classify_many(pictures, ()), len(pictures), progress, errors)
        rows = most_probable(result_tables(results, mood), mood, top)
    return rows, len(errors)
