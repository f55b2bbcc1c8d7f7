"""Finds the pictures that the arguments of a command name, and reports those that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagemood.cli import output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagemood.errors import MoodError
    from imagemood.pictures.picture import Picture
    from imagemood.prediction.result import Result


def find_pictures(paths: list[str], column: str | None = None) -> list[Picture]:
    """Find the pictures that the arguments of a command name."""
    from imagemood.pictures import sources

    return sources.find_pictures(paths, column)


def without_duplicates(pictures: list[Picture]) -> list[Picture]:
    """Keep the first picture of each name."""
    unique: dict[str, Picture] = {}
    for picture in pictures:
        unique.setdefault(picture.name, picture)
    return list(unique.values())


def successful_results(
    results: Iterator[Result],
    n_total: int,
    progress: Callable[[int, int], None],
    errors: list[MoodError] | None = None,
) -> Iterator[Result]:
    """Yield the results without error; report the errors of the others, and append them to `errors` if given."""
    for n_done, result in enumerate(results, start=1):
        progress(n_done, n_total)
        if result.error is not None:
            output.report_error(result.error)
            if errors is not None:
                errors.append(result.error)
        else:
            yield result
