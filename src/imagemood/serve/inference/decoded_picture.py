"""Pictures as the queue of decoded pictures returns them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from imagemood.errors import MoodError, OverloadedError
from imagemood.pictures.picture import Picture
from imagemood.pictures.pixels.file_formats import jpeg_header


class DecodedPicture(Picture):
    """A picture whose pixels have been decoded and resized."""

    def __init__(self, name: str, pixels: NDArray[np.uint8]) -> None:
        self.name = name
        self.showable = False
        self.error = None
        self._pixels = pixels

    def decode(self, *_: object, **__: object) -> NDArray[np.uint8]:
        """Return the pixels; the parameters are those with which they have been decoded."""
        return self._pixels


def given_up(name: str) -> Picture:
    """Return a picture whose decoding was given up because others are waiting."""
    what = "decoding takes long, and other pictures are waiting"
    return Picture.failed(name, OverloadedError(what, where=name, hint="retry later"))


def needs_no_process(picture: Picture) -> bool:
    """Return whether a picture can be decoded by the thread that classifies it."""
    try:
        return jpeg_header.is_small_and_simple(picture.read())
    except MoodError:  # `decode` raises it again
        return False
