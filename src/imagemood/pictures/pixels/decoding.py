"""Decodes image files to upright RGB arrays, within limits."""

from __future__ import annotations

import struct
import threading
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import ImageError, MoodError, first_line
from imagemood.pictures.pixels import conversion, decoding_limits, memory_budget, pixel_arrays
from imagemood.pictures.pixels.decoder_warnings import WarningsIgnored
from imagemood.pictures.pixels.file_formats.detection import open_image
from imagemood.pictures.pixels.file_formats.opened import OpenedImage
from imagemood.pictures.pixels.file_formats.orientation import ORIENTATION_TAG, exif_orientation
from imagemood.pictures.pixels.resizing import Resizing

MAX_PIXELS = decoding_limits.MAX_PIXELS
"""Largest width × height that is decoded; see `imagemood.pictures.pixels.decoding_limits`."""
_locks = [threading.Lock() for _ in range(64)]
_INTERNAL_ERRORS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, struct.error)


def decode(
    content: bytes,
    *,
    name: str = "image",
    size_px: int | None = None,
    resizing: Resizing | None = None,
    max_pixels: int = MAX_PIXELS,
) -> NDArray[np.uint8]:
    """Decode an image file, apply its EXIF orientation, and convert it to sRGB.

    Grey, palette, CMYK, 16-bit and transparent images are converted, transparent ones on a white background. Of an
    animation, the first frame is decoded. An ICC profile is applied. Metadata that cannot be read are ignored.

    Parameters
    ----------
    content : bytes
        The content of the file.
    name : str
        The name of the picture in error messages.
    size_px : int, optional
        Resize to a square with this side, by default without keeping the aspect ratio. A JPEG or JPEG 2000 file is
        decoded at a reduced scale, of at least twice that side, if possible.
    resizing : Resizing, optional
        Another way to resize to the square, or to fit the picture into it.
    max_pixels : int
        Reject a picture that would be decoded to more pixels; at most `MAX_PIXELS`.

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
    >>> import io
    >>> buffer = io.BytesIO()
    >>> PIL.Image.new("RGB", (32, 16), "red").save(buffer, format="PNG")
    >>> decode(buffer.getvalue()).shape, decode(buffer.getvalue(), size_px=8)[0, 0].tolist()
    ((16, 32, 3), [255, 0, 0])
    """
    if not content:
        raise ImageError("empty file", where=name)
    try:
        with WarningsIgnored():
            opened = open_image(content)
            original = opened.size
            decoding_limits.check_shape(original)
            if size_px is not None:
                opened.reduce(2 * (size_px if resizing is None else resizing.side_px))
            decoding_limits.check_pixels(opened.size, max_pixels)
            decoding_limits.check_decoder(opened.decoder, opened.size, len(content))
            n_bytes = estimated_memory_bytes(opened, size_px=size_px)
            decoding_limits.check_memory(n_bytes, len(content))
            with memory_budget.reserve(n_bytes, name=name):
                return conversion.to_array(
                    opened.decode(),
                    orientation=opened.orientation,
                    icc_profile=opened.icc_profile,
                    size_px=size_px,
                    resizing=resizing,
                    original=original,
                )
    except MoodError as error:
        error.where = error.where or name
        raise
    except (
        Exception
    ) as error:  # decoders raise many unrelated classes; whatever it is, it concerns this image alone
        raise _image_error(error, name) from error


def estimated_memory_bytes(opened: OpenedImage, *, size_px: int | None = None) -> int:
    """Estimate the memory that decoding and converting an image takes at its peak.

    Parameters
    ----------
    opened : OpenedImage
        The image, of which only the header was read.
    size_px : int, optional
        The side of the square to which the image will be resized.

    Returns
    -------
    int
        The number of bytes, besides the content of the file.
    """
    n_pixels = opened.size[0] * opened.size[1]
    conversion_bytes = n_pixels * conversion.bytes_per_pixel(
        opened.mode, has_transparency=opened.has_transparency, size_px=size_px
    )
    return n_pixels * conversion.stored_bytes_per_pixel(opened.mode) + max(opened.decoder_bytes, conversion_bytes)


def convert(
    image: PIL.Image.Image | NDArray[Any],
    *,
    name: str = "image",
    size_px: int | None = None,
    resizing: Resizing | None = None,
) -> NDArray[np.uint8]:
    """Apply the EXIF orientation and the ICC profile of a decoded image, and convert it to sRGB; see `decode`.

    Raises
    ------
    ImageError
        If an array has an unsupported type or shape, the image exceeds a limit, or it cannot be loaded.
    """
    try:
        with WarningsIgnored():
            if isinstance(image, np.ndarray):
                image = pixel_arrays.to_image(image)
            decoding_limits.check_shape(image.size)
            decoding_limits.check_pixels(image.size)
            with _lock_of(image):  # the same image may be used in several threads
                image.load()
                orientation = _orientation(image)
            if image.mode == "I" and np.asarray(image).max() <= 255:  # such as the result of image.convert("I")
                image = image.convert("L")
            return conversion.to_array(
                image,
                orientation=orientation,
                icc_profile=image.info.get("icc_profile"),
                size_px=size_px,
                resizing=resizing,
            )
    except MoodError as error:
        error.where = error.where or name
        raise
    except Exception as error:
        raise _image_error(error, name) from error


def copy(image: PIL.Image.Image, *, name: str = "image") -> PIL.Image.Image:
    """Return a copy of an image that its owner may change or close, with the information that `convert` needs.

    The raised error is the `ImageError` of an image that cannot be loaded.
    """
    try:
        with WarningsIgnored(), _lock_of(image):
            copied, orientation = image.copy(), _orientation(image)
            copied.getexif()[ORIENTATION_TAG] = orientation
    except Exception as error:
        raise _image_error(error, name) from error
    return copied


def _lock_of(image: PIL.Image.Image) -> threading.Lock:
    return _locks[id(image) // 64 % len(_locks)]


def _image_error(error: Exception, name: str) -> ImageError:
    if isinstance(error, MemoryError):
        return ImageError("not enough memory to decode the image", where=name)
    return ImageError(f"cannot be decoded: {_reason(error)}", where=name)


def _reason(error: Exception) -> str:
    """Return what is wrong with a file; the messages of some exceptions of decoders do not say it."""
    is_internal = any(isinstance(cause, _INTERNAL_ERRORS) for cause in (error, error.__cause__))
    return "the file is damaged" if is_internal or isinstance((*error.args, "")[0], bytes) else first_line(error)


def _orientation(image: PIL.Image.Image) -> int:
    """Return the EXIF orientation of an image that the user opened with Pillow."""
    try:
        orientation = int(image.getexif().get(ORIENTATION_TAG, 1))
    except Exception:  # other metadata are broken
        exif = image.info.get("exif")
        orientation = (exif_orientation(exif) if isinstance(exif, bytes) else None) or 1
    return orientation if 1 <= orientation <= 8 else 1
