"""Finds the pictures that the arguments of a command name, and reports those that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from imagemood.cli import output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagemood.errors import MoodError
    from imagemood.pictures.finding.skipped import Skipped
    from imagemood.pictures.picture import Picture
    from imagemood.prediction.result import Result


@dataclass
class FolderSearch:
    """The search for pictures in folders, and its options; when the command ends, it reports what was skipped."""

    context: typer.Context
    include_hidden: Annotated[
        bool,
        typer.Option(
            "--include-hidden",
            help="Include hidden files and folders, and helper folders such as thumbnails and recycle bins.",
        ),
    ] = False
    follow_links: Annotated[
        bool, typer.Option("--follow-links", help="Search folders to which symbolic links lead, each only once.")
    ] = False
    show_skipped: Annotated[
        bool,
        typer.Option("--show-skipped", help="List the files and folders that are skipped, on standard error."),
    ] = False

    def __post_init__(self) -> None:
        from imagemood.pictures.finding.selection import SearchOptions
        from imagemood.pictures.finding.skipped import SkippedCounts

        self.options = SearchOptions(include_hidden=self.include_hidden, follow_links=self.follow_links)
        self._counts = SkippedCounts()
        self.context.call_on_close(self._report)

    def find_pictures(self, paths: list[str], column: str | None = None) -> list[Picture]:
        """Find the pictures that the arguments of a command name; raise if there are only folders without any."""
        from imagemood.errors import NoPicturesError
        from imagemood.pictures.finding import sources
        from imagemood.pictures.finding.skipped import SkippedCounts

        pictures = sources.find_pictures(paths, column, options=self.options, on_skip=self.skip)
        errors = [picture.error for picture in pictures if isinstance(picture.error, NoPicturesError)]
        if len(errors) < len(pictures):
            return pictures
        self._counts = SkippedCounts()  # the errors include them
        for error in errors[:-1]:
            output.report_error(error)
        raise errors[-1]

    def skip(self, skipped: Skipped) -> None:
        """Count a file or folder that is skipped, and print its name if requested."""
        self._counts.add(skipped)
        if self.show_skipped:
            output.report_skipped(str(skipped))

    def _report(self) -> None:
        if summary := self._counts.summary():
            output.report_skipped(summary if self.show_skipped else f"{summary}; --show-skipped lists them")


def without_duplicates(pictures: list[Picture]) -> list[Picture]:
    """Keep the first picture of each name."""
    unique: dict[str, Picture] = {}
    for picture in pictures:
        unique.setdefault(picture.name, picture)
    return list(unique.values())


def without_errors(pictures: list[Picture], errors: list[MoodError]) -> Iterator[Picture]:
    """Yield the pictures that were found; report the errors of the others, and append them to `errors`."""
    for picture in pictures:
        if picture.error is None:
            yield picture
        else:
            output.report_error(picture.error)
            errors.append(picture.error)


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
