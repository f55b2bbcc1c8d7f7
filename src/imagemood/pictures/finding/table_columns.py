"""Reads a column of a table: of picture addresses, or of picture files."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator

from imagemood.errors import InputError, MoodError, TableError
from imagemood.pictures.finding import table_readers, table_values, text_tables
from imagemood.pictures.finding.listing import OnError, raise_error
from imagemood.pictures.finding.table_values import RowPicture
from imagemood.pictures.reading import addresses, urls

_ROWS_BETWEEN_CHECKS = 100_000  # of the number of rows
_MAX_ADDRESS_LENGTH = 100_000
_MAX_CACHED_ROWS = 64
_MAX_CACHED_BYTES = 1 << 28
_MAX_SKIPPED_ROWS = 64  # that are read to reach a row, instead of opening the table again


def holds_files(files: list[str], column: str) -> bool:
    """Return whether a column holds picture files, not addresses; see `table_values.holds_files`.

    The first table that can be read decides.

    Raises
    ------
    InputError
        If no table can be read, or the column is missing or has another type.
    """
    first_error: MoodError | None = None
    for address in files:
        try:
            return _holds_files(address, column)
        except MoodError as error:
            first_error = first_error or error
    raise first_error or InputError("no tables")


def _holds_files(address: str, column: str) -> bool:
    with table_readers.reported_errors(address):
        if addresses.table_format(address) in ("csv", "json"):
            text_tables.check_column(address, column)
            return False
        kind = table_readers.column_type(address, column)
        found = table_values.holds_files(kind)
        if found is None:
            raise InputError(f"expected paths or picture files, not {kind}", where=f"{address}, column '{column}'")
        return found


def addresses_in(files: list[str], column: str, on_error: OnError = raise_error) -> Iterator[str]:
    """Yield the addresses in a column of several tables, in order.

    Missing addresses, and tables and rows that cannot be read, are reported to `on_error`.
    """
    for address in files:
        try:
            with table_readers.reported_errors(address):
                if _holds_files(address, column):
                    raise InputError(f"has picture files in column '{column}', not addresses", where=address)
                for n_found, (number, text) in enumerate(_addresses(address, column, on_error), start=1):
                    if n_found % _ROWS_BETWEEN_CHECKS == 0:
                        table_readers.check_n_rows(n_found, address)
                    if text and (len(text) <= _MAX_ADDRESS_LENGTH or urls.is_data(text)):
                        yield text
                    else:
                        what = f"a path or URL of {len(text):,} characters" if text else "missing path or URL"
                        on_error(TableError(what, file=address, row=number, field=column))
        except MoodError as error:
            on_error(error)


def _addresses(address: str, column: str, on_error: OnError) -> Iterator[tuple[int, str]]:
    if addresses.table_format(address) in ("csv", "json"):
        return text_tables.addresses_in(address, column, on_error)
    arrays = table_readers.address_columns(address, column)
    return enumerate(itertools.chain.from_iterable(map(table_values.texts, arrays)), start=1)


def row_names(files: list[str], column: str, on_error: OnError = raise_error) -> Iterator[str]:
    """Yield the names of the rows of tables: the address, ``#``, and the number of the row from 0.

    Tables that cannot be read are reported to `on_error`.
    """
    for address in files:
        try:
            if not _holds_files(address, column):
                raise InputError(f"has addresses in column '{column}', not picture files", where=address)
            n_rows = table_readers.n_rows(address)
        except MoodError as error:
            on_error(error)
            continue
        yield from (f"{address}#{row}" for row in range(n_rows))


def contents(names: list[str], column: str) -> Iterator[RowPicture]:
    """Yield the picture files of rows, in the order of the names.

    Consecutive rows are read together, so that a table is read only once if all names are in its order. A row that
    is missing or damaged has an error, and so has the name of a table that could not be read.
    """
    rows = [split_name(name) for name in names]
    # The difference between the row and its position in the list is the same for all rows of a run.
    for (address, _), run in itertools.groupby(enumerate(rows), lambda item: (item[1][0], item[1][1] - item[0])):
        numbers = [row for _, (_, row) in run]
        yield from itertools.islice(_rows(address, column, numbers[0]), len(numbers))


def split_name(name: str) -> tuple[str, int]:
    """Return the address of the table and the number of the row in the name of a row; -1 if it is that of a table.

    Examples
    --------
    >>> split_name("shots#1.parquet#7"), split_name("shots#1.parquet")
    (('shots#1.parquet', 7), ('shots#1.parquet', -1))
    """
    address, _, row = name.rpartition("#")
    return (address, int(row)) if row.isascii() and row.isdigit() else (name, -1)


def row_reader(column: str) -> Callable[[str, int], bytes]:
    """Return a function that reads one picture file, from the address of a table and the number of the row.

    The table remains open, and some rows remain in memory, because several threads request most rows in order.
    """
    return _RowReader(column).read


class _RowReader:
    """Reads rows for several threads, and continues after the last row if possible."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._cache: OrderedDict[tuple[str, int], RowPicture] = OrderedDict()
        self._n_bytes = 0
        self._next: tuple[str, int] | None = None
        self._rows: Iterator[RowPicture] = iter([])
        self._lock = threading.Lock()

    def read(self, address: str, row: int) -> bytes:
        with self._lock:
            picture = self._cache.get((address, row)) or self._read_up_to(address, row)
        return picture.read()

    def _read_up_to(self, address: str, row: int) -> RowPicture:
        if self._next is None or self._next[0] != address or not 0 <= row - self._next[1] <= _MAX_SKIPPED_ROWS:
            self._next = address, row
            self._rows = _rows(address, self._column, row)
        while True:
            key, picture = self._next, next(self._rows)
            self._next = address, key[1] + 1
            self._keep(key, picture)
            if key[1] == row:
                return picture

    def _keep(self, key: tuple[str, int], picture: RowPicture) -> None:
        self._n_bytes -= len(self._cache.pop(key, RowPicture()).content or b"")
        self._cache[key] = picture
        self._n_bytes += len(picture.content or b"")
        while len(self._cache) > _MAX_CACHED_ROWS or (len(self._cache) > 1 and self._n_bytes > _MAX_CACHED_BYTES):
            _, removed = self._cache.popitem(last=False)
            self._n_bytes -= len(removed.content or b"")


def _rows(address: str, column: str, start: int) -> Iterator[RowPicture]:
    """Yield the pictures from the row `start`, without end: rows after the last one are errors."""
    row = start
    try:
        if row < 0:
            _holds_files(address, column)
            raise InputError("could not be read when the pictures were listed", where=address)
        for section in table_readers.sections(address, column, start):
            end = section.first + section.n_rows
            try:
                for value in itertools.islice(section.values, section.n_rows):
                    yield table_values.picture(value, f"{address}#{row}", address)
                    row += 1
            except table_readers.ERRORS as error:
                damaged = RowPicture(error=table_readers.unreadable(address, error))
                while row < end:
                    yield damaged
                    row += 1
    except MoodError as error:
        yield from itertools.repeat(RowPicture(error=error))
    except table_readers.ERRORS as error:
        yield from itertools.repeat(RowPicture(error=table_readers.unreadable(address, error)))
    while True:
        hint = "check whether the table has changed"
        yield RowPicture(error=InputError(f"missing row {row}", where=address, hint=hint))
        row += 1
