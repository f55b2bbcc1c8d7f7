"""What may be given as a picture, and how to get its pixels."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import InputError
from imagemood.pictures import decoding, sources

Image = str | Path | bytes | sources.Source | NDArray[np.uint8] | PIL.Image.Image
"""A path or URL, a picture file's content, or pixels."""

Named = tuple[str, Callable[[int], NDArray[np.uint8]]]
"""A picture's name, and what decodes it to a square of so many pixels."""


def each(pictures: str | Path | Iterable[Image]) -> Iterable[Named]:
    """Name many pictures; paths may be folders and glob patterns.

    Parameters
    ----------
    pictures : str, Path, or iterable of what `named` takes
        The pictures.

    Returns
    -------
    iterable of Named
        In the order given: a list, or, of an iterator, an iterator that takes up one at a time.
    """
    given = [pictures] if isinstance(pictures, str | Path) else pictures
    every = itertools.chain.from_iterable(map(_named, given))
    return list(every) if isinstance(given, Sequence) else every


def _named(picture: Image) -> Iterable[Named]:
    return map(named, sources.find([picture])) if isinstance(picture, str | Path) else [named(picture)]


def named(image: Image) -> Named:
    """Name a picture and say how to get its pixels, leaving the work to whoever calls.

    Parameters
    ----------
    image : str, Path, bytes, Source, ndarray or PIL.Image.Image
        One picture.

    Returns
    -------
    Named
        Its name, and what decodes it.

    Raises
    ------
    InputError
        If a path stands for several pictures.
    """
    if isinstance(image, str | Path):
        found = sources.find([image])
        if len(found) != 1:
            raise InputError(f"stands for {len(found)} pictures", where=str(image), hint="use classify_many")
        image = found[0]
    if isinstance(image, sources.Source):
        source = image
        return source.name, lambda size_px: decoding.decode(source.read(), name=source.name, size_px=size_px)
    if isinstance(image, bytes):
        data = image
        return "image", lambda size_px: decoding.decode(data, size_px=size_px)
    pixels = image
    return "image", lambda size_px: decoding.convert(pixels, size_px=size_px)
