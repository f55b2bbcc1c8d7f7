"""Pictures made small, inside the page that shows them."""

from __future__ import annotations

import base64
import io

import numpy as np
import PIL.Image
from numpy.typing import NDArray


def data_url(pixels: NDArray[np.uint8], side_px: int) -> str:
    """Shrink a picture into an address that holds it.

    Parameters
    ----------
    pixels : ndarray of shape (height, width, 3), uint8
        Red, green and blue.
    side_px : int
        Longest side of what is shown; smaller pictures stay as they are.

    Returns
    -------
    str
        A ``data:`` address of a JPEG file.

    Examples
    --------
    >>> data_url(np.zeros((400, 300, 3), np.uint8), 160)[:23]
    'data:image/jpeg;base64,'
    """
    picture = PIL.Image.fromarray(pixels)
    picture.thumbnail((side_px, side_px))
    content = io.BytesIO()
    picture.save(content, format="JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()
