"""Converts arrays of NumPy, PyTorch and similar libraries, in any common layout and type, to images of Pillow."""

from __future__ import annotations

from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding_limits

_CHANNELS = (1, 2, 3, 4)  # grey, grey and alpha, RGB, RGBA
_TOLERANCE = 1e-4  # of the range of fractions, for rounding errors
_LAYOUTS = "use (height, width), (height, width, channels) or (channels, height, width), with 1 to 4 channels"


def is_array(value: Any) -> bool:
    """Return whether a value is an array of numbers, and not a column of a table or a collection of pictures."""
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if not isinstance(shape, tuple) or dtype is None or isinstance(value, np.generic):
        return False
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biufcV"
    if hasattr(value, "columns") or not hasattr(value, "__array__"):
        return False
    return len(shape) > 1 or hasattr(value, "detach")  # columns of pandas and Polars have one axis, too


def to_numpy(value: Any) -> NDArray[Any]:
    """Return the content of an array in the memory of the CPU, without a copy if possible.

    Raises
    ------
    ImageError
        If the array cannot be converted.
    """
    try:
        if hasattr(value, "detach"):  # a tensor of PyTorch, which may be on a GPU or require gradients
            value = value.detach().cpu()
            if str(value.dtype) == "torch.bfloat16":
                value = value.float()
        elif type(value).__module__.partition(".")[0] == "cupy":
            value = value.get()
        if np.ma.is_masked(value):
            raise ImageError("the array has masked values", hint="fill them, for example with array.filled(0)")
        array = np.asarray(value)
        return array.astype(np.float32) if array.dtype.name == "bfloat16" else array  # NumPy has no such type
    except ImageError:
        raise
    except Exception as error:  # libraries of arrays raise many unrelated classes
        what = f"a {type(value).__name__} that cannot be converted to a NumPy array"
        raise ImageError(what, hint="pass a dense array in the memory of the CPU") from error


def is_batch(array: NDArray[Any]) -> bool:
    """Return whether an array has the four axes of a batch of pictures."""
    return array.ndim == 4


def to_image(array: NDArray[Any]) -> PIL.Image.Image:
    """Convert an array to an image: grey, grey with alpha, RGB or RGBA, with 8 bits.

    Raises
    ------
    ImageError
        If the shape is not that of a picture, or a value is outside the range of its type.

    Examples
    --------
    >>> to_image(np.zeros((3, 16, 24))).size, to_image(np.ones((16, 24), bool)).mode
    ((24, 16), 'L')
    """
    pixels = _channels_last(array)
    height, width = pixels.shape[:2]
    decoding_limits.check_shape((width, height))
    decoding_limits.check_pixels((width, height))
    return PIL.Image.fromarray(np.ascontiguousarray(_to_bytes(pixels)))


def _channels_last(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array of shape (height, width) or (height, width, 2 to 4)."""
    shape = array.shape
    if array.ndim == 4 and shape[0] == 1:
        return _channels_last(array[0])
    if array.ndim == 4:
        raise ImageError(
            f"a batch of {shape[0]} pictures, not one picture", hint="pass the batch by itself to classify_many"
        )
    if array.ndim == 3 and shape[2] in _CHANNELS:
        return array[:, :, 0] if shape[2] == 1 else array
    if array.ndim == 3 and shape[0] in _CHANNELS:
        return array[0] if shape[0] == 1 else array.transpose(1, 2, 0)
    if array.ndim != 2:
        raise ImageError(f"an array of shape {shape} is not a picture", hint=_LAYOUTS)
    return array


def _to_bytes(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    dtype = pixels.dtype
    if dtype == np.uint8:
        return pixels
    if dtype == np.bool_:
        return pixels.astype(np.uint8) * np.uint8(255)
    if dtype.kind not in "iuf":
        raise ImageError(
            f"an array of type {dtype} is not a picture", hint="use uint8, uint16, bool, or fractions as floats"
        )
    if dtype == np.uint16:
        return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    with np.errstate(invalid="ignore"):
        low, high = float(pixels.min()), float(pixels.max())  # NaN if any value is NaN
    if not np.isfinite([low, high]).all():
        raise ImageError("the array has values that are NaN or infinite", hint="replace them, or leave it out")
    if dtype.kind != "f":
        if low < 0 or high > 255:
            raise ImageError(
                f"the array has values from {low:g} to {high:g}, but {dtype} must be from 0 to 255",
                hint="scale it to 0 to 255, or pass uint16 for pictures with 16 bits",
            )
        return pixels.astype(np.uint8)
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        hint = "divide it by 255" if low >= 0 and 1 < high <= 255 else "scale it to 0 to 1, or pass uint8"
        raise ImageError(
            f"the array has values from {low:.4g} to {high:.4g}, but floats must be from 0 to 1", hint=hint
        )
    scaled: NDArray[np.uint8] = np.rint(np.clip(pixels, 0, 1) * np.float32(255)).astype(np.uint8)
    return scaled
