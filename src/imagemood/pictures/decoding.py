"""Decodes image files to upright RGB arrays, within limits."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import PIL.ImageOps
from numpy.typing import NDArray

from imagemood.errors import ImageError, MoodError, first_line
from imagemood.pictures import memory_budget
from imagemood.pictures.formats import DECODERS

MIN_SIDE_PX = 8
"""Shortest side of a picture; in a smaller one nothing can be recognised."""
MAX_ASPECT_RATIO = 50
"""Largest ratio of the longer side to the shorter one."""
MAX_PIXELS = 178_956_970
"""Largest width × height; beyond it, Pillow assumes a decompression bomb."""


def decode(
    content: bytes, *, name: str = "image", size_px: int | None = None, max_pixels: int = MAX_PIXELS
) -> NDArray[np.uint8]:
    """Decode an image file, apply its EXIF orientation, and convert it to RGB.

    Grey, palette, CMYK, 16-bit and transparent images are converted, transparent ones on a white background. Of an
    animation, the first frame is decoded.

    Parameters
    ----------
    content : bytes
        The content of the file.
    name : str
        The name of the picture in error messages.
    size_px : int, optional
        Resize to a square with this side, without keeping the aspect ratio. A JPEG file is decoded at a reduced
        scale, of at least twice that side, if possible.
    max_pixels : int
        Reject larger images before they are decoded; at most `MAX_PIXELS`.

    Returns
    -------
    ndarray of shape (height, width, 3) or (size_px, size_px, 3), uint8
        Red, green and blue.

    Raises
    ------
    ImageError
        If the content is empty, damaged, or in an unsupported format, or the image exceeds a limit.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> PIL.Image.new("RGB", (32, 16), "red").save(buffer, format="PNG")
    >>> decode(buffer.getvalue()).shape, decode(buffer.getvalue(), size_px=8)[0, 0].tolist()
    ((16, 32, 3), [255, 0, 0])
    """
    if not content:
        raise ImageError("empty file", where=name)
    try:
        with PIL.Image.open(io.BytesIO(content), formats=DECODERS) as image:
            _check_size(image.size, name, min(max_pixels, MAX_PIXELS))
            if size_px is not None:
                image.draft("RGB", (2 * size_px, 2 * size_px))
            with memory_budget.reserve(_estimated_memory_bytes(image), name=name):
                return convert(image, name=name, size_px=size_px)
    except MoodError:
        raise
    except PIL.UnidentifiedImageError:
        raise ImageError("unsupported image format", where=name) from None
    except PIL.Image.DecompressionBombError:
        raise ImageError(f"too large: more than {MAX_PIXELS:,} pixels", where=name) from None
    except MemoryError:
        raise ImageError("not enough memory to decode the image", where=name) from None
    except (
        Exception
    ) as error:  # decoders raise many unrelated classes; whatever it is, it concerns this image alone
        raise ImageError(f"cannot be decoded: {first_line(error)}", where=name) from error


def _estimated_memory_bytes(image: PIL.Image.Image) -> int:
    """Estimate the memory that decoding and converting an opened image takes at its peak."""
    bytes_per_pixel = 40 if image.mode in ("I", "F") or image.mode.startswith("I;16") else 12
    return bytes_per_pixel * image.width * image.height


def convert(
    image: PIL.Image.Image | NDArray[np.uint8], *, name: str = "image", size_px: int | None = None
) -> NDArray[np.uint8]:
    """Apply the EXIF orientation of a decoded image, and convert it to RGB; see `decode` for the parameters.

    Raises
    ------
    ImageError
        If an array has an unsupported type or shape, or the image exceeds a limit.
    """
    if isinstance(image, np.ndarray):
        image = _from_array(image, name)
    _check_size(image.size, name)
    upright = _rgb(PIL.ImageOps.exif_transpose(image))
    if size_px is not None and upright.size != (size_px, size_px):
        upright = upright.resize((size_px, size_px), PIL.Image.Resampling.BICUBIC)
    return np.asarray(upright)


def _from_array(array: NDArray[np.uint8], name: str) -> PIL.Image.Image:
    has_image_shape = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))
    if array.dtype != np.uint8 or not has_image_shape:
        raise ImageError(
            f"unsupported array: {array.dtype} of shape {array.shape}",
            where=name,
            hint="pass uint8 of shape (height, width, 3)",
        )
    return PIL.Image.fromarray(array)


def _check_size(size: tuple[int, int], name: str, max_pixels: int = MAX_PIXELS) -> None:
    width, height = size
    pixels = f"{width}×{height} pixels"
    if min(size) < MIN_SIDE_PX:
        raise ImageError(f"too small: {pixels}, less than {MIN_SIDE_PX}×{MIN_SIDE_PX}", where=name)
    if max(size) > MAX_ASPECT_RATIO * min(size):
        raise ImageError(f"too elongated: {pixels}, more than {MAX_ASPECT_RATIO} to 1", where=name)
    if width * height > max_pixels:
        raise ImageError(f"too large: {pixels}, more than {max_pixels:,}", where=name)


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
    """Scale grey values of more than 8 bits; Pillow's own conversion would clip all above 255 to white."""
    values = np.asarray(image).astype(np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if image.mode != "F":
        white = 2**16 - 1 if values.max(initial=0) < 2**16 else 2**31 - 1
    elif values.max(initial=0) <= 1:
        white = 1  # floating-point values are fractions of white …
    else:
        white = max(255, values.max())  # … or have the range of 8-bit values, or a larger one
    return PIL.Image.fromarray(np.clip(np.rint(values * (255 / white)), 0, 255).astype(np.uint8))
