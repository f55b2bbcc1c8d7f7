"""Converts what users pass as pictures: paths, URLs, bytes, images, and pictures themselves."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import InputError
from imagemood.pictures.picture import Picture
from imagemood.pictures.sources import find_pictures

PictureLike = str | Path | bytes | Picture | NDArray[np.uint8] | PIL.Image.Image
"""A path or URL, the content of a picture file, a `Picture`, or an image that is already decoded."""


def as_pictures(pictures: str | Path | Iterable[PictureLike]) -> Iterable[Picture]:
    """Convert the pictures that a user passes; a string or path may stand for several, as in `find_pictures`.

    A sequence becomes a list; any other iterable becomes an iterator, which consumes one element at a time.
    """
    given = [pictures] if isinstance(pictures, str | Path) else pictures
    found = itertools.chain.from_iterable(map(_as_pictures, given))
    return list(found) if isinstance(given, Sequence) else found


def _as_pictures(picture: PictureLike) -> list[Picture]:
    return find_pictures([picture]) if isinstance(picture, str | Path) else [as_picture(picture)]


def as_picture(picture: PictureLike) -> Picture:
    """Convert the one picture that a user passes; raise an `InputError` if a path stands for several."""
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
