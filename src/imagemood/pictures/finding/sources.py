"""Finds the pictures of a source: a file, folder, glob pattern, table or URL, or standard input.

To support another kind of source, add an entry to `_KINDS`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from imagemood.errors import InputError, MissingExtraError, MoodError
from imagemood.pictures import names
from imagemood.pictures.finding import globbing, listing
from imagemood.pictures.finding.opening import opener
from imagemood.pictures.finding.request import Request
from imagemood.pictures.finding.selection import DEFAULT_OPTIONS, OnSkip, SearchOptions
from imagemood.pictures.finding.skipped import ignore
from imagemood.pictures.picture import Picture
from imagemood.pictures.reading import addresses, local_files, urls


@dataclass(frozen=True)
class Listing:
    """The names of the pictures of a source.

    Attributes
    ----------
    names : iterator of str
        Names of pictures, as defined in `imagemood.pictures.names`: escaped paths, URLs, or addresses in object
        stores, always in the same order. The name of a row in a table of picture files is the name of the table,
        ``#``, and the number of the row, from 0.
    names_are_rows : bool
        Whether the names are those of rows in a table of picture files.
    is_single : bool
        Whether the source is the only picture itself, which may then be standard input, a pipe or a device.
    """

    names: Iterator[str]
    names_are_rows: bool = False
    is_single: bool = False


@dataclass(frozen=True)
class _Kind:
    """A kind of source: whether a source is of this kind, and how to list the addresses of its pictures."""

    accepts: Callable[[Request], bool]
    list: Callable[[Request], Listing]
    lists_files: bool = True


def list_pictures(
    source: str,
    column: str | None = None,
    *,
    options: SearchOptions = DEFAULT_OPTIONS,
    on_error: listing.OnError = listing.raise_error,
    on_skip: OnSkip = ignore,
) -> Listing:
    """List the pictures of a source.

    Parameters
    ----------
    source : str
        A picture file, a folder, a glob pattern, or a table in Parquet, Arrow, CSV or JSON lines; on this machine,
        in an object store (``s3://``, ``gs://``, ``az://``), or at a URL.
    column : str, optional
        The column of a table that holds the addresses of pictures, or picture files. If given, folders and
        patterns are searched for tables instead of pictures.
    options : SearchOptions
        The hidden files, helper folders and links to include.
    on_error : callable
        Called with the error of each folder that cannot be listed, and of each entry of a folder that is selected
        although it is not a file. By default, the error is raised.
    on_skip : callable
        Called with each file and folder that is skipped.

    Returns
    -------
    Listing
        The names of the pictures, which are searched for while the iterator is consumed.

    Raises
    ------
    InputError
        If the source does not exist, or the column is missing or has another type; `NoPicturesError` if a folder
        or pattern has no pictures.
    RemoteError
        If a server or an object store refuses the request or fails.
    """
    source = urls.local_path(source) or urls.clean(source)
    if addresses.is_object_store(source) and globbing.is_pattern(source.split("/")[2]):
        raise InputError("the name of a bucket cannot have wildcards", where=source)
    source = names.find(source)
    if not addresses.is_remote(source):
        urls.check_path(source)
    request = Request(source, column, options, on_error, on_skip)
    kind = next(kind for kind in _KINDS if kind.accepts(request))
    found = kind.list(request)
    to_name = names.of_address if kind.lists_files or found.names_are_rows else names.of_table_address
    return replace(found, names=map(to_name, found.names))


def find_pictures(
    sources: Iterable[str | Path],
    column: str | None = None,
    *,
    options: SearchOptions = DEFAULT_OPTIONS,
    on_skip: OnSkip = ignore,
) -> list[Picture]:
    """Find the pictures of several sources, in the order given.

    See `list_pictures` for the parameters. A source, a folder in it or an entry of a folder that cannot be used
    becomes a picture whose `error` is set, so that the others can still be used.

    Examples
    --------
    >>> find_pictures(["absent.jpg", "https://example.org/b.jpg", "-"])
    [Picture('absent.jpg'), Picture('https://example.org/b.jpg'), Picture('-')]
    """
    found: list[Picture] = []

    def add_failure(error: MoodError, name: str | None = None) -> None:
        found.append(Picture.failed(name or error.where or "image", error))

    for source in map(str, sources):
        try:
            listed = list_pictures(source, column, options=options, on_error=add_failure, on_skip=on_skip)
            open_picture = opener(column=column if listed.names_are_rows else None, allow_special=listed.is_single)
            for name in listed.names:
                found.append(open_picture(name))  # noqa: PERF401 (`add_failure` also appends)
        except MissingExtraError:
            raise
        except MoodError as error:
            add_failure(error, names.of_address(source))
    return found


def _list_standard_input(request: Request) -> Listing:
    return Listing(iter([request.source]), is_single=True)


def _is_table(request: Request) -> bool:
    return request.column is not None or _is_single_table(request)


def _is_single_table(request: Request) -> bool:
    source = request.source
    if addresses.table_format(source) is None or urls.is_data(source):
        return False
    return urls.is_web(source) or not (globbing.is_pattern(source) or listing.is_folder(source))


def _list_table(request: Request) -> Listing:
    from imagemood.pictures.finding import table_columns  # noqa: PLC0415 (pyarrow is slow to import)

    source, column = request.source, request.column
    if column is None:
        hint = "classify, tag, features and bulk read tables of pictures with --column"
        raise InputError("a table, not a picture", where=source, hint=hint)
    files = [name for name in _files(request) if _has_table_extension(name)]
    if not files:
        raise InputError(
            "not a table", where=source, hint="omit --column, or give Parquet, Arrow, CSV or JSON lines"
        )
    if table_columns.holds_files(files, column):
        found = table_columns.row_names(files, column, request.report)
        return Listing(request.not_empty(found, "the table has no rows"), names_are_rows=True)
    found = table_columns.addresses_in(files, column, request.report)
    return Listing(request.not_empty(found, "the table has no rows"))


def _has_table_extension(name: str) -> bool:
    return addresses.table_format(name) is not None


def _files(request: Request) -> Iterator[str]:
    """List the tables of a folder or pattern, or the source itself if it is a table."""
    source = request.source
    if urls.is_web(source) or _is_single_table(request):
        return iter([source])
    if listing.is_folder(source):
        return request.search_folder(_has_table_extension)
    return request.search_pattern(_has_table_extension) if globbing.is_pattern(source) else iter([])


def _is_url(request: Request) -> bool:
    return urls.is_web(request.source) or urls.is_data(request.source)


def _list_url(request: Request) -> Listing:
    if urls.is_web(request.source) and request.source.partition("#")[0].endswith("/"):
        raise InputError(
            "the files of a web server cannot be listed", where=request.source, hint="give a table of URLs"
        )
    return Listing(iter([request.source]), is_single=True)


def _is_folder(request: Request) -> bool:
    return listing.is_folder(request.source)


def _list_folder(request: Request) -> Listing:
    return Listing(request.not_empty(request.search_folder(), "contains no pictures"))


def _is_pattern(request: Request) -> bool:
    return globbing.is_pattern(request.source) and not listing.exists(request.source)


def _list_pattern(request: Request) -> Listing:
    return Listing(request.not_empty(request.search_pattern(), "matches no file"))


def _list_file(request: Request) -> Listing:
    source = request.source
    if addresses.is_object_store(source):
        if not listing.exists(source):
            raise InputError("No such file or directory", where=source)
    elif not source:
        raise InputError("missing path")
    else:
        try:
            os.stat(source)  # noqa: PTH116 (raises if the path is invalid)
        except (OSError, ValueError) as error:
            raise InputError(local_files.reason(error, source), where=names.of_address(source)) from error
    return Listing(iter([source]), is_single=True)


_KINDS = (
    _Kind(lambda request: request.source == "-", _list_standard_input),
    _Kind(_is_table, _list_table, lists_files=False),
    _Kind(_is_url, _list_url),
    _Kind(_is_folder, _list_folder),
    _Kind(_is_pattern, _list_pattern),
    _Kind(lambda request: True, _list_file),  # noqa: ARG005
)
"""The kinds of sources, in order; the first that accepts a source lists its pictures."""
