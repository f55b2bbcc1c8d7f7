"""Lists the pictures of a bulk run, and the folders and files that cannot be used in their place."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

from imagemood.bulk.settings import BulkRequest
from imagemood.errors import MoodError, RemoteError
from imagemood.pictures.selection import OnSkip
from imagemood.pictures.sources import list_pictures


class SourceNames:
    """The names of the pictures of a bulk run.

    The name of a folder or file that cannot be used is in the place of its pictures, so that it becomes a row with
    an error. An object store that cannot be listed is an error, because most of its pictures would be missing.

    Parameters
    ----------
    request : BulkRequest
        The source of the pictures.
    on_error : callable
        Called with the error of each folder or file that cannot be used.
    on_skip : callable
        Called with each file and folder that is skipped.

    Attributes
    ----------
    listing : Listing
        The names, which are searched for while the iterator is consumed.
    n_errors : int
        The number of folders and files so far that cannot be used.

    Raises
    ------
    MoodError
        If there are no pictures.
    """

    def __init__(self, request: BulkRequest, *, on_error: Callable[[MoodError], object], on_skip: OnSkip) -> None:
        self.n_errors = 0
        self._on_error = on_error
        self._pending: list[MoodError] = []
        found = list_pictures(
            request.source, request.column, options=request.options, on_error=self._add_error, on_skip=on_skip
        )
        first = next(found.names, None)
        if first is None:  # `list_pictures` raises if there are neither pictures nor errors
            raise self._pending[0]
        self.listing = replace(found, names=self._with_errors(itertools.chain([first], found.names)))

    def _add_error(self, error: MoodError) -> None:
        if isinstance(error, RemoteError) or error.where is None:
            raise error
        self._pending.append(error)

    def _with_errors(self, names: Iterator[str]) -> Iterator[str]:
        for name in itertools.chain(names, [None]):
            while self._pending:
                error = self._pending.pop(0)
                self.n_errors += 1
                self._on_error(error)
                yield str(error.where)
            if name is not None:
                yield name
