"""Checks of output files before a command starts its work, which may take hours."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagemood.errors import InputError

if TYPE_CHECKING:
    from imagemood.pictures.picture import Picture

HTML_EXTENSIONS = (".html", ".htm", "")
"""Extensions of HTML pages, in lower case; pipes and standard output have none."""
_NEEDING_TABLES = {".parquet", ".pq", ".zst"}  # the extensions of files that pyarrow writes
_Identity = tuple[int, int]  # device and number of a file


def check_output(
    file: Path | None, inputs: Iterable[str | Path | None] = (), *, created_folder: Path | None = None
) -> None:
    """Raise `InputError` if an output file cannot be written, or is one of the inputs.

    Parameters
    ----------
    file : Path or None
        The output file; standard output if it is None or ``-``.
    inputs : iterable of str, Path or None
        The input files of the command.
    created_folder : Path or None
        A folder that the command creates before it writes the file.
    """
    from imagemood import _extras
    from imagemood._files import check_file

    if file is not None and not _NEEDING_TABLES.isdisjoint(suffix.lower() for suffix in file.suffixes):
        _extras.require("tables")
    if file is None or str(file) == "-":
        check_file("-")
        return
    if created_folder is None or file.parent != created_folder or created_folder.exists():
        check_file(file)
    _check_identities([file], (str(path) for path in inputs if path is not None))


def check_extension(file: Path, extensions: Sequence[str], what: str, *, hint: str | None = None) -> None:
    """Raise `InputError` if an output file has the extension of another kind of file.

    Parameters
    ----------
    file : Path
        The output file.
    extensions : sequence of str
        The extensions of the kind of file that is written, in lower case.
    what : str
        What is wrong, for the message.
    hint : str, optional
        What to do. By default, the first extension is suggested.
    """
    if file.suffix.lower() not in extensions:
        raise InputError(what, where=str(file), hint=hint or f"use the extension {extensions[0]}")


def check_not_pictures(files: Iterable[Path | None], pictures: Iterable[Picture]) -> None:
    """Raise `InputError` if an output file is one of the pictures, or the table that contains them."""
    from imagemood.pictures.names import to_address

    _check_identities(files, (to_address(picture.name) for picture in pictures))


def _check_identities(files: Iterable[Path | None], names: Iterable[str]) -> None:
    outputs = {found: file for file in files if file is not None and (found := _identity(str(file)))}
    if not outputs:
        return
    tables: set[str] = set()
    for name in names:
        identity = _identity(name)
        table = name.rpartition("#")[0]  # of a row in a table of picture files
        if identity is None and table not in tables:
            tables.add(table)
            identity = _identity(table)
        if identity in outputs:
            raise InputError(
                "is an input of this command", where=str(outputs[identity]), hint="choose another output file"
            )


def _identity(path: str) -> _Identity | None:
    """Return the identity of a regular file, or None if there is no such file."""
    from stat import S_ISREG

    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if S_ISREG(status.st_mode) else None
