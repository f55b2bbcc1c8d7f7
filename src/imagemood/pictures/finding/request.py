"""A request to list the pictures of one source, with the numbers of its errors and of skipped files."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from imagemood.errors import MoodError, NoPicturesError
from imagemood.pictures import names
from imagemood.pictures.finding import folder_search, globbing
from imagemood.pictures.finding.listing import OnError
from imagemood.pictures.finding.selection import OnSkip, SearchOptions, Selection
from imagemood.pictures.finding.skipped import Skipped, SkippedCounts


@dataclass
class Request:
    """The arguments of `sources.list_pictures`, and the numbers of errors and of skipped files and folders."""

    source: str
    column: str | None
    options: SearchOptions
    on_error: OnError
    on_skip: OnSkip
    _n_errors: int = 0
    _skipped: SkippedCounts = field(default_factory=SkippedCounts)

    def search_folder(self, is_wanted: Callable[[str], bool] | None = None) -> Iterator[str]:
        """Yield the addresses of the wanted files in the folder that is the source: by default, of pictures."""
        return self._search(self.source, globbing.Pattern(()), is_wanted)

    def search_pattern(self, is_wanted: Callable[[str], bool] | None = None) -> Iterator[str]:
        """Yield the addresses of the files that the source matches, and of wanted files in matching folders."""
        base, parts = globbing.split(self.source)
        return self._search(names.find(base), globbing.Pattern(parts), is_wanted)

    def not_empty(self, found: Iterator[str], problem: str) -> Iterator[str]:
        """Return what was found, or raise if it is nothing although every folder could be listed."""
        first = next(found, None)
        if first is None and not self._n_errors:
            skipped = self._skipped.summary(with_all_hints=True)
            what = f"{problem}; skipped {skipped}" if skipped else problem
            raise NoPicturesError(what, where=names.of_address(self.source))
        return itertools.chain([] if first is None else [first], found)

    def _search(
        self, root: str, pattern: globbing.Pattern, is_wanted: Callable[[str], bool] | None
    ) -> Iterator[str]:
        selection = Selection(pattern, self.options, is_wanted, self._skip)
        return folder_search.search(root, selection, follow_links=self.options.follow_links, on_error=self.report)

    def report(self, error: MoodError) -> None:
        """Count and report the error of a folder or table that cannot be read, or of an entry in it."""
        self._n_errors += 1
        self.on_error(error)

    def _skip(self, skipped: Skipped) -> None:
        self._skipped.add(skipped)
        self.on_skip(skipped)
