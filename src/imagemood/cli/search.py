"""The command `search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from imagemood.cli import options, output
from imagemood.cli.option_groups import ModelOptions, PredictionOutput
from imagemood.cli.pictures import FolderSearch, successful_results

if TYPE_CHECKING:
    from imagemood.errors import MoodError
    from imagemood.pictures.picture import Picture
    from imagemood.prediction.cascade import Cascade


def search(
    source: options.CollectionSource,
    *,
    mood: Annotated[str, typer.Option(help="Mood to search for.", show_default=False)],
    top: Annotated[int, typer.Option(min=1, help="Number of pictures to show.", metavar="N")] = 10,
    folders: FolderSearch,
    target: PredictionOutput,
    models: ModelOptions,
    ca_file: options.CaFile = None,
) -> None:
    """Find the pictures that evoke a mood with the highest probability.

    A dataset is searched without a model. The pictures of a folder are classified first.

    Example: imagemood search photos/ --mood awe --top 50
    """
    from imagemood.bulk.search import check_mood, dataset_tables, most_probable, open_dataset
    from imagemood.cli import output_checks
    from imagemood.cli.renderers import SearchHits

    target.check([source, models.tagger])
    n_failed = 0
    opened = open_dataset(source)
    if opened is not None:
        dataset, info = opened
        check_mood(mood, info.labels)
        rows = most_probable(dataset_tables(dataset, mood), mood, top)
    else:
        cascade = models.load()
        check_mood(mood, cascade.require_mood_classifier().labels)
        pictures = folders.find_pictures([source])
        output_checks.check_not_pictures([target.file], pictures)
        rows, n_failed = _search_pictures(pictures, mood, top, cascade)
    target.emit(SearchHits(rows))
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
