"""Files, folders, globs, standard input and URLs to pictures, in the order given."""

from __future__ import annotations

import glob
import itertools
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from imagemood.errors import InputError
from imagemood.pictures.addresses import is_url
from imagemood.pictures.picture import Picture, PictureLike

PICTURE_ENDINGS = frozenset(
    [
        ".avif",
        ".bmp",
        ".gif",
        ".jfif",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".pgm",
        ".png",
        ".ppm",
        ".tif",
        ".tiff",
        ".webp",
    ]
)
"""Endings of the files that are taken from a folder."""


def as_pictures(pictures: str | Path | Iterable[PictureLike]) -> Iterable[Picture]:
    """Return the pictures that a user passes to a method; paths may be folders and glob patterns.

    A sequence becomes a list; any other iterable an iterator that takes one element at a time.
    """
    given = [pictures] if isinstance(pictures, str | Path) else pictures
    found = itertools.chain.from_iterable(map(_as_pictures, given))
    return list(found) if isinstance(given, Sequence) else found


def _as_pictures(picture: PictureLike) -> list[Picture]:
    return find_pictures([picture]) if isinstance(picture, str | Path) else [as_picture(picture)]


def as_picture(picture: PictureLike) -> Picture:
    """Return the one picture that a user passes to a method.

    Raises
    ------
    InputError
        If a path matches several pictures.
    """
    if isinstance(picture, Picture):
        return picture
    if isinstance(picture, bytes):
        return Picture.from_bytes(picture)
    if not isinstance(picture, str | Path):
        return Picture.from_image(picture)
    found = find_pictures([picture])
    if len(found) != 1:
        raise InputError(f"matches {len(found)} pictures", where=str(picture), hint="use classify_many")
    return found[0]


def find_pictures(paths: Iterable[str | Path]) -> list[Picture]:
    """Find the pictures that paths stand for.

    Parameters
    ----------
    paths : iterable of str or Path
        Files; folders, of which all pictures below are taken, sorted; glob patterns such as ``**/*.jpg``;
        URLs; ``-`` for a picture on standard input.

    Returns
    -------
    list of Picture
        In the order given. A path without pictures becomes a picture that raises an error when it is read, so
        that the others can still be used.

    Examples
    --------
    >>> find_pictures(["a.jpg", "https://example.org/b.jpg", "-"])[1].name
    'https://example.org/b.jpg'
    """
    return [picture for path in paths for picture in _expand(str(path))]


def _expand(path: str) -> list[Picture]:
    if path == "-" or is_url(path):
        return [Picture.from_address(path)]
    if Path(path).is_dir():
        found = [Picture.from_address(name) for name in _pictures_below(path)]
        return found or [_failed(path, "contains no pictures")]
    if glob.has_magic(path) and not Path(path).exists():
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 (names must stay as the user wrote them)
        found = [picture for match in matches for picture in _expand(match)]
        return found or [_failed(path, "matches no file")]
    return [Picture.from_address(path)]


def _failed(path: str, problem: str) -> Picture:
    return Picture.failed(path, InputError(problem, where=path))


def _pictures_below(folder: str) -> list[str]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            os.path.join(parent, name)  # noqa: PTH118 (names must stay as the user wrote them)
            for name in names
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in PICTURE_ENDINGS  # noqa: PTH122
        ]
    return sorted(found)
