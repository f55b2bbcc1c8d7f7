"""What a bulk run reads: folders, globs, addresses in object stores, and tables of paths or of picture files."""

from __future__ import annotations

import glob
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from imagemood.errors import InputError
from imagemood.pictures import addresses, listing, sources, table_columns


@dataclass(frozen=True)
class Found:
    """The pictures of a source.

    Attributes
    ----------
    names : iterator of str
        Their paths or addresses, always in the same order, found as they are asked for; a row of a table of
        picture files is its file's address, ``#`` and the row's number from 0.
    holds_files : bool
        Whether the names are such rows.
    """

    names: Iterator[str]
    holds_files: bool = False


def find(source: str, column: str | None = None) -> Found:
    """Find the pictures of a source.

    Parameters
    ----------
    source : str
        A folder, a glob pattern, a picture, or a table in Parquet, CSV or JSON lines; here, in an object store
        (``s3://``, ``gs://``, ``az://``), or at an ``https://`` address.
    column : str, optional
        The table's column of paths or picture files. With it, a folder is one of Parquet files.

    Returns
    -------
    Found
        The pictures.

    Raises
    ------
    InputError
        If there are none, or the column is missing or holds something else.
    RemoteError
        If the store refuses or fails.
    """
    files = _tables(source, column)
    if files:
        if column is None:
            raise InputError("is a table", where=source, hint="name its column of paths or pictures with --column")
        holds_files = table_columns.holds_files(files, column)
        names = table_columns.rows_of(files) if holds_files else table_columns.paths_of(files, column)
        return Found(_some(names, source, "is a table without rows"), holds_files)
    if column is not None:
        raise InputError(
            "is no table", where=source, hint="leave --column out, or give Parquet, CSV or JSON lines"
        )
    if addresses.is_url(source):
        if source.endswith("/"):
            raise InputError("web servers do not list their files", where=source, hint="give a table of addresses")
        return Found(iter([source]))
    if listing.is_folder(source):
        pictures = (name for name in _walk(source) if _is_picture(name))
        return Found(_some(pictures, source, "contains no pictures"))
    if glob.has_magic(source) and not listing.exists(source):
        return Found(_some(_matching(source), source, "matches no file"))
    if not listing.exists(source):
        raise InputError("No such file or directory", where=source)
    return Found(iter([source]))


def _tables(source: str, column: str | None) -> list[str]:
    if table_columns.is_table(source) and not glob.has_magic(source):
        return [source]
    if column is None or addresses.is_url(source):
        return []
    if listing.is_folder(source):
        return [name for name in _walk(source) if table_columns.is_table(name)]
    return [name for name in _matching(source) if table_columns.is_table(name)] if glob.has_magic(source) else []


def _some(names: Iterator[str], source: str, otherwise: str) -> Iterator[str]:
    first = next(names, None)
    if first is None:
        raise InputError(otherwise, where=source)
    return itertools.chain([first], names)


def _is_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in sources.PICTURE_ENDINGS


def _walk(folder: str) -> Iterator[str]:
    """Give the files below a folder, one folder's list in memory at a time; hidden ones are left out."""
    for name, is_folder in listing.entries(folder):
        if name.startswith("."):
            continue
        address = addresses.join(folder, name) if folder else name
        if is_folder:
            yield from _walk(address)
        else:
            yield address


def _matching(pattern: str) -> Iterator[str]:
    """Give the files that a pattern matches, and the pictures below the folders that it matches."""
    parts = pattern.split("/")
    n_fixed = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    base = "/".join(parts[:n_fixed])
    if pattern.startswith("/") and not base:
        base = "/"
    wanted = parts[n_fixed:]
    for name in _walk(base):
        below = name.removeprefix(base).lstrip("/").split("/")
        folders = (below[:i] for i in range(1, len(below)))
        if matches(below, wanted) or (_is_picture(name) and any(matches(folder, wanted) for folder in folders)):
            yield name


def matches(parts: list[str], pattern: list[str]) -> bool:
    """Tell whether a path fits a glob pattern.

    Parameters
    ----------
    parts, pattern : list of str
        The path and the pattern, cut at the slashes; ``**`` stands for any number of folders.

    Returns
    -------
    bool
        Whether it fits.

    Examples
    --------
    >>> matches(["2026", "may", "a.jpg"], ["**", "*.jpg"]), matches(["2026", "a.jpg"], ["*.jpg"])
    (True, False)
    """
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(matches(parts[i:], pattern[1:]) for i in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and matches(parts[1:], pattern[1:])
