"""Recognises the libraries of photo programs whose files must not be changed by other programs."""

from __future__ import annotations

from pathlib import Path

from imagemood.errors import InputError
from imagemood.pictures import names

_PROGRAMS = {
    ".photoslibrary": "Apple Photos",
    ".photolibrary": "iPhoto",
    ".migratedphotolibrary": "iPhoto",
    ".aplibrary": "Aperture",
}
"""The extensions of the folders that are libraries; their programs keep the files in a database."""


def check_not_in_library(picture: Path) -> None:
    """Raise an `InputError` that names the library if a picture is in one.

    Examples
    --------
    >>> check_not_in_library(Path("My Library.photoslibrary", "originals", "0", "IMG.jpeg"))
    Traceback (most recent call last):
    imagemood.errors.InputError: My Library.photoslibrary: a library of Apple Photos, in which other programs \
must not change anything (export the photos, and name the folder with the copies)
    """
    for folder in (*picture.parents, *picture.resolve().parents):
        if program := _PROGRAMS.get(folder.suffix.lower()):
            raise InputError(
                f"a library of {program}, in which other programs must not change anything",
                where=names.escape(folder),
                hint="export the photos, and name the folder with the copies",
            )
