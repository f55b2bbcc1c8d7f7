"""Lists the pictures of a bulk run, and what cannot be used in their place: folders, files and rows of tables."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from imagemood.bulk.chunks import Entry, Unusable
from imagemood.bulk.settings import BulkRequest
from imagemood.errors import MoodError, RemoteError, TableError
from imagemood.pictures.finding.selection import OnSkip
from imagemood.pictures.finding.sources import list_pictures


class SourceEntries:
    """The pictures of a bulk run, and the folders, files and rows of tables that cannot be used.

    Each of the latter is in the place of its pictures, and becomes a row with its error. An object store that
    cannot be listed is an error, because most of its pictures would be missing.

    Parameters
    ----------
    request : BulkRequest
        The source of the pictures.
    on_error : callable
        Called with the error of each folder, file or row that cannot be used.
    on_skip : callable
        Called with each file and folder that is skipped.

    Attributes
    ----------
    entries : iterator of Entry
        The names of the pictures and what cannot be used, which are searched for while the iterator is consumed.
    names_are_rows : bool
        Whether the names are those of rows in a table of picture files.
    n_hidden : int
        The number of folders and files so far that cannot be used, and that could contain pictures. Rows of tables
        cannot.

    Raises
    ------
    MoodError
        If there are no pictures.
    """

    def __init__(self, request: BulkRequest, *, on_error: Callable[[MoodError], object], on_skip: OnSkip) -> None:
        self.n_hidden = 0
        self._on_error = on_error
        self._pending: list[MoodError] = []
        found = list_pictures(
            request.source, request.column, options=request.options, on_error=self._add_error, on_skip=on_skip
        )
        first = next(found.names, None)
        if first is None:  # `list_pictures` raises if there are neither pictures nor errors
            raise self._pending[0]
        self.names_are_rows = found.names_are_rows
        self.entries = self._with_errors(itertools.chain([first], found.names))

    def _add_error(self, error: MoodError) -> None:
        if isinstance(error, RemoteError) or error.where is None:
            raise error
        self._pending.append(error)

    def _with_errors(self, names: Iterator[str]) -> Iterator[Entry]:
        for name in itertools.chain(names, [None]):
            while self._pending:
                error = self._pending.pop(0)
                self.n_hidden += not (isinstance(error, TableError) and error.row is not None)
                self._on_error(error)
                yield Unusable.from_error(error)
            if name is not None:
                yield name
