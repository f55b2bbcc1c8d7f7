"""Converts decoded images to upright RGB arrays in sRGB, strip by strip where copies would be large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.pictures.pixels import colour_profiles
from imagemood.pictures.pixels.resizing import Resizing

_PIXELS_PER_STRIP = 1 << 18
_RESIZABLE_MODES = frozenset(["L", "RGB", "RGBX", "CMYK", "YCbCr", "LAB"])
"""Modes in which the mean of two values is the mean colour, so that images can be resized first."""
_SMALL_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
_TRANSPOSITIONS = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}
# Orientations in which the columns or rows of the stored image are in reverse order in the upright one.
_MIRRORED_COLUMNS, _MIRRORED_ROWS = (2, 3, 7, 8), (3, 4, 6, 7)


def to_array(
    image: PIL.Image.Image,
    *,
    orientation: int = 1,
    icc_profile: bytes | None = None,
    size_px: int | None = None,
    resizing: Resizing | None = None,
    original: tuple[int, int] | None = None,
) -> NDArray[np.uint8]:
    """Return a decoded image as an upright RGB array in sRGB.

    Parameters
    ----------
    image : PIL.Image.Image
        The image, in any mode.
    orientation : int
        Its EXIF orientation, from 1 to 8.
    icc_profile : bytes, optional
        Its ICC profile.
    size_px : int, optional
        Resize to a square with this side, before the colours are converted and the image is turned.
    resizing : Resizing, optional
        How it is resized. By default, the aspect ratio is not kept, and nothing is cropped.
    original : (int, int), optional
        The width and height of the picture, if the image was decoded at a reduced scale; for `resizing` only.

    Returns
    -------
    ndarray of shape (height, width, 3) or (size_px, size_px, 3), uint8
        Red, green and blue.

    Examples
    --------
    >>> to_array(PIL.Image.new("CMYK", (16, 8)), orientation=6).shape
    (16, 8, 3)
    """
    if size_px is None:
        return _full_size_array(image, orientation, icc_profile)
    resizable = _resizable(image)
    if resizing is None:
        resizing, original = Resizing(size_px), None
    mirrored = orientation in _MIRRORED_COLUMNS, orientation in _MIRRORED_ROWS
    rgb = _rgb(resizing.apply(resizable, size_px, original, mirrored=mirrored), icc_profile)
    return np.asarray(rgb.transpose(_TRANSPOSITIONS[orientation]) if orientation in _TRANSPOSITIONS else rgb)


def stored_bytes_per_pixel(mode: str) -> int:
    """Return the memory that Pillow allocates for a pixel of a mode."""
    return _SMALL_MODES.get(mode, 4)


def bytes_per_pixel(mode: str, *, has_transparency: bool, size_px: int | None) -> int:
    """Return the memory for a pixel that `to_array` allocates besides the image."""
    if size_px is None:
        return 3
    if mode in _RESIZABLE_MODES and not has_transparency:
        return 0
    return 1 if mode == "1" or _is_deep(mode) else 4


def _full_size_array(image: PIL.Image.Image, orientation: int, icc_profile: bytes | None) -> NDArray[np.uint8]:
    width, height = image.size
    convert = _converter(image)
    upright = np.empty((width, height, 3) if orientation >= 5 else (height, width, 3), np.uint8)
    stored = _as_stored(upright, orientation)
    for box in _strips(image):
        stored[box[1] : box[3]] = np.asarray(_rgb(convert(image.crop(box)), icc_profile))
    return upright


def _as_stored(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Return a view of an upright array in the orientation in which the image is stored."""
    views: dict[int, Callable[[], NDArray[np.uint8]]] = {
        2: lambda: upright[:, ::-1],
        3: lambda: upright[::-1, ::-1],
        4: lambda: upright[::-1],
        5: lambda: upright.swapaxes(0, 1),
        6: lambda: np.rot90(upright, 1),
        7: lambda: upright[::-1, ::-1].swapaxes(0, 1),
        8: lambda: np.rot90(upright, 3),
    }
    return views[orientation]() if orientation in views else upright


def _resizable(image: PIL.Image.Image) -> PIL.Image.Image:
    """Convert an image to a mode in which it can be resized."""
    if image.mode in _RESIZABLE_MODES and not image.has_transparency_data:
        return image
    convert = _converter(image)
    converted = PIL.Image.new("L" if image.mode == "1" or _is_deep(image.mode) else "RGB", image.size)
    for box in _strips(image):
        converted.paste(convert(image.crop(box)), box)
    return converted


def _strips(image: PIL.Image.Image) -> Iterator[tuple[int, int, int, int]]:
    n_rows = max(1, _PIXELS_PER_STRIP // image.width)
    for top in range(0, image.height, n_rows):
        yield 0, top, image.width, min(top + n_rows, image.height)


def _converter(image: PIL.Image.Image) -> Callable[[PIL.Image.Image], PIL.Image.Image]:
    """Return a function that converts a strip of an image to a mode in which it can be resized."""
    if _is_deep(image.mode):
        white = _white(image)
        return lambda strip: _to_8_bits(strip, white)
    if image.has_transparency_data:
        return _on_white
    if image.mode in _RESIZABLE_MODES:
        return lambda strip: strip
    mode = "L" if image.mode == "1" else "RGB"
    return lambda strip: strip.convert(mode)


def _rgb(image: PIL.Image.Image, icc_profile: bytes | None) -> PIL.Image.Image:
    image = colour_profiles.to_srgb(image, icc_profile) if icc_profile else image
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_white(image: PIL.Image.Image) -> PIL.Image.Image:
    unmultiplied = image.convert("LA") if image.mode == "La" else image  # Pillow converts La only to LA
    layered = unmultiplied.convert("RGBA")
    return PIL.Image.alpha_composite(PIL.Image.new("RGBA", image.size, "white"), layered).convert("RGB")


def _is_deep(mode: str) -> bool:
    """Return whether the values of a mode have more than 8 bits."""
    return mode in {"I", "F"} or mode.startswith("I;16")


def _white(image: PIL.Image.Image) -> float:
    """Return the value of white in a grey image of more than 8 bits."""
    if image.mode.startswith("I;16"):
        return 2**16 - 1
    maximum = max(_finite(image.crop(box)).max() for box in _strips(image))
    if image.mode == "I":
        return 2**16 - 1 if maximum < 2**16 else 2**31 - 1
    return 1 if maximum <= 1 else max(255.0, float(maximum))  # fractions of white, the range of 8 bits, or more


def _finite(image: PIL.Image.Image) -> NDArray[Any]:
    """Return grey values, with 0 instead of those that are infinite or not a number."""
    values: NDArray[Any] = np.asarray(image)
    return values if np.isfinite(values).all() else np.where(np.isfinite(values), values, np.float32(0))


def _to_8_bits(image: PIL.Image.Image, white: float) -> PIL.Image.Image:
    """Scale grey values of more than 8 bits; Pillow's own conversion would clip all above 255 to white."""
    values = np.multiply(_finite(image), 255 / white, dtype=np.float64)
    return PIL.Image.fromarray(np.clip(np.rint(values, out=values), 0, 255, out=values).astype(np.uint8))
