"""Picture files to upright RGB pixels, within limits."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import PIL.Image
import PIL.ImageOps
from numpy.typing import NDArray

from imagemood.errors import ImageError, first_line

MIN_SIDE_PX = 8
"""A picture with a shorter side shows nothing that could have a mood."""
MAX_ASPECT_RATIO = 50
"""A picture that is longer than so many times its width is a strip, not a scene."""
MAX_PIXELS = 178_956_970
"""Where Pillow itself takes a picture for a decompression bomb."""

_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
)


def decode(
    data: bytes, *, name: str = "image", size_px: int | None = None, max_pixels: int = MAX_PIXELS
) -> NDArray[np.uint8]:
    """Decode a picture file, turn it upright and bring it to RGB.

    Grey, palette, CMYK, 16-bit and transparent pictures are converted, transparent ones on white; of an
    animated one, the first frame is taken.

    Parameters
    ----------
    data : bytes
        The file's content.
    name : str
        What to call the picture in error messages.
    size_px : int, optional
        Bring the picture to a square of this side, whatever its shape. A JPEG file is then decoded at a
        reduced scale of at least twice that side where it can be.
    max_pixels : int
        Refuse, before it is decoded, a picture that has more; never more than `MAX_PIXELS`.

    Returns
    -------
    ndarray of shape (height, width, 3) or (size_px, size_px, 3), uint8
        Red, green and blue.

    Raises
    ------
    ImageError
        If it is empty, no picture, truncated or damaged, or outside `MIN_SIDE_PX`, `MAX_ASPECT_RATIO` and
        `max_pixels`.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> PIL.Image.new("RGB", (32, 16), "red").save(buffer, format="PNG")
    >>> decode(buffer.getvalue()).shape, decode(buffer.getvalue(), size_px=8)[0, 0].tolist()
    ((16, 32, 3), [255, 0, 0])
    """
    if not data:
        raise ImageError("is empty", where=name)
    try:
        with PIL.Image.open(io.BytesIO(data)) as picture:
            _check_size(picture.size, name, min(max_pixels, MAX_PIXELS))
            if size_px is not None:
                picture.draft("RGB", (2 * size_px, 2 * size_px))
            return convert(picture, name=name, size_px=size_px)
    except PIL.UnidentifiedImageError:
        raise ImageError("is no picture in a known format", where=name) from None
    except PIL.Image.DecompressionBombError:
        raise ImageError(f"has more than {MAX_PIXELS:,} pixels", where=name) from None
    except MemoryError:
        raise ImageError("needs more memory than there is", where=name) from None
    except ImageError:
        raise
    except _BROKEN as error:
        raise ImageError(f"cannot be decoded: {first_line(error)}", where=name) from error


def convert(
    image: PIL.Image.Image | NDArray[np.uint8], *, name: str = "image", size_px: int | None = None
) -> NDArray[np.uint8]:
    """Turn a decoded picture upright and bring it to RGB.

    Parameters
    ----------
    image : PIL.Image.Image or ndarray of shape (height, width, 3) or (height, width), uint8
        The picture.
    name : str
        What to call it in error messages.
    size_px : int, optional
        Bring it to a square of this side, whatever its shape.

    Returns
    -------
    ndarray of shape (height, width, 3) or (size_px, size_px, 3), uint8
        Red, green and blue.

    Raises
    ------
    ImageError
        If an array is no picture, or the picture is outside the limits.
    """
    if isinstance(image, np.ndarray):
        image = _from_array(image, name)
    _check_size(image.size, name)
    upright = _rgb(PIL.ImageOps.exif_transpose(image))
    if size_px is not None and upright.size != (size_px, size_px):
        upright = upright.resize((size_px, size_px), PIL.Image.Resampling.BICUBIC)
    return np.asarray(upright)


def _from_array(array: NDArray[np.uint8], name: str) -> PIL.Image.Image:
    is_picture = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if array.dtype != np.uint8 or not is_picture:
        raise ImageError(
            f"is an array of {array.dtype} of shape {array.shape}",
            where=name,
            hint="give uint8 of shape (height, width, 3)",
        )
    return PIL.Image.fromarray(array)


def _check_size(size: tuple[int, int], name: str, max_pixels: int = MAX_PIXELS) -> None:
    width, height = size
    if min(size) < MIN_SIDE_PX:
        raise ImageError(f"has {width}×{height} pixels; {MIN_SIDE_PX}×{MIN_SIDE_PX} is the least", where=name)
    if max(size) > MAX_ASPECT_RATIO * min(size):
        raise ImageError(f"has {width}×{height} pixels; sides may be 1 to {MAX_ASPECT_RATIO} at most", where=name)
    if width * height > max_pixels:
        raise ImageError(f"has {width}×{height} pixels, more than {max_pixels:,}", where=name)


def _rgb(image: PIL.Image.Image) -> PIL.Image.Image:
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _grey_to_8_bits(image).convert("RGB")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        white = PIL.Image.new("RGBA", image.size, "white")
        return PIL.Image.alpha_composite(white, layered).convert("RGB")
    return image.convert("RGB")


def _grey_to_8_bits(image: PIL.Image.Image) -> PIL.Image.Image:
    """Scale deep greys down, where Pillow's own conversion would clip all above 255 to white."""
    values = np.asarray(image).astype(np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if image.mode != "F":
        full = 2**16 - 1 if values.max(initial=0) < 2**16 else 2**31 - 1
    elif values.max(initial=0) <= 1:
        full = 1  # floats are either shares of white …
    else:
        full = max(255, values.max())  # … or 8-bit values, or something deeper
    return PIL.Image.fromarray(np.clip(np.rint(values * (255 / full)), 0, 255).astype(np.uint8))
