"""Thumbnails as data URLs, for pages that load nothing from elsewhere."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import MoodError

if TYPE_CHECKING:
    from imagemood.pictures.picture import Picture


def data_url(pixels: NDArray[np.uint8], side_px: int) -> str:
    """Return a thumbnail of an RGB image as the data URL of a JPEG file.

    `side_px` is the length of its longer side; smaller images keep their size.

    Examples
    --------
    >>> data_url(np.zeros((400, 300, 3), np.uint8), 160)[:23]
    'data:image/jpeg;base64,'
    """
    thumbnail = PIL.Image.fromarray(pixels)
    thumbnail.thumbnail((side_px, side_px))
    content = io.BytesIO()
    thumbnail.save(content, format="JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()


def thumbnail_of(picture: Picture, side_px: int) -> str | None:
    """Return the thumbnail of a picture, as `data_url` does, or None if it cannot be read or decoded."""
    try:
        return data_url(picture.decode(), side_px)
    except MoodError:
        return None
