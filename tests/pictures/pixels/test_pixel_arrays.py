"""Arrays of every layout and type: the same pixels, or one clear error."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

from imagemood.errors import ImageError
from imagemood.pictures.pixels import decoding, pixel_arrays

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (12, 20, 3), np.uint8)
GREY = RGB[:, :, 0]
WHITE = np.full_like(GREY, 255)
GREY_AS_RGB = np.stack([GREY] * 3, axis=2)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (RGB, RGB),
        (RGB.transpose(2, 0, 1), RGB),
        (RGB[np.newaxis], RGB),
        (RGB.transpose(2, 0, 1)[np.newaxis], RGB),
        (np.asfortranarray(RGB), RGB),
        (RGB[::-1, ::-1], RGB[::-1, ::-1]),
        (RGB[:, :, ::-1], RGB[:, :, ::-1]),
        (np.broadcast_to(GREY[:, :, np.newaxis], RGB.shape), GREY_AS_RGB),
        (GREY, GREY_AS_RGB),
        (GREY[:, :, np.newaxis], GREY_AS_RGB),
        (GREY[np.newaxis], GREY_AS_RGB),
        (np.dstack([GREY, WHITE]), GREY_AS_RGB),
        (np.dstack([RGB, WHITE]), RGB),
        (np.dstack([RGB, WHITE]).transpose(2, 0, 1), RGB),
        (np.dstack([RGB, 0 * WHITE]), np.full_like(RGB, 255)),
        *((RGB.astype(dtype), RGB) for dtype in ("int16", "int32", "int64", "uint32", "uint64", ">i4")),
        *(((RGB / 255).astype(dtype), RGB) for dtype in ("float16", "float32", "float64", ">f8", "longdouble")),
        (RGB.astype(np.uint16) * 257, RGB),
        (RGB.astype(">u2") * np.array(257, ">u2"), RGB),
        (RGB > 127, np.where(RGB > 127, np.uint8(255), np.uint8(0))),
        (np.array([[0.0, 1.0]]).repeat(8, 0).repeat(4, 1) + 1e-7, np.array([[[0] * 3] * 4 + [[255] * 3] * 4] * 8)),
    ],
)
def test_layouts_and_types(array, expected):
    before = array.copy()
    np.testing.assert_array_equal(decoding.convert(array), expected)
    np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(300, np.uint8), r"an array of shape \(300,\) is not a picture \(use \(height, width\), "),
        (np.array(0.5), r"an array of shape \(\) is not a picture"),
        (np.zeros((20, 20, 5), np.uint8), r"an array of shape \(20, 20, 5\) is not a picture"),
        (np.zeros((1, 2, 20, 20, 3), np.uint8), "an array of shape .* is not a picture"),
        (np.zeros((7, 20, 20, 3), np.uint8), r"a batch of 7 pictures, not one picture \(pass the batch by itself"),
        (np.zeros((0, 20, 20, 3), np.uint8), "a batch of 0 pictures"),
        (np.zeros((0, 20, 3), np.uint8), "too small: 20×0"),
        (np.zeros((3, 20, 3), np.uint8), "too small"),
        (RGB.astype(np.float32), r"values from 0 to 255, but floats must be from 0 to 1 \(divide it by 255\)"),
        (RGB / 127.5 - 1, r"values from -1 to 1, but floats must be from 0 to 1 \(scale it to 0 to 1"),
        (np.full((20, 20), np.nan), "NaN or infinite"),
        (np.where(np.eye(20) > 0, np.inf, 0.5), "NaN or infinite"),
        (RGB.astype(np.int16) - 1, "values from -1 to 254, but int16 must be from 0 to 255"),
        (RGB.astype(np.int32) * 257, r"values from 0 to 65535, but int32 .*pass uint16 for pictures with 16 bits"),
        (RGB.astype(np.complex64), "an array of type complex64 is not a picture"),
    ],
)
def test_unusable_arrays(array, message):
    with warnings.catch_warnings(), pytest.raises(ImageError, match=message):
        warnings.simplefilter("error")
        decoding.convert(array)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_tensors(dtype):
    tensor = torch.from_numpy(RGB.transpose(2, 0, 1).copy())
    tensor = tensor if dtype is torch.uint8 else (tensor / 255).to(dtype).requires_grad_()
    assert pixel_arrays.is_array(tensor)
    pixels = decoding.convert(pixel_arrays.to_numpy(tensor)).astype(int)
    assert np.abs(pixels - RGB).max() <= (1 if dtype is torch.bfloat16 else 0)


@pytest.mark.parametrize("array", [torch.eye(20).to_sparse(), torch.empty(3, 20, 20, device="meta")])
def test_tensors_without_values_in_memory(array):
    with pytest.raises(
        ImageError, match=r"a Tensor that cannot be converted to a NumPy array \(pass a dense array"
    ):
        pixel_arrays.to_numpy(array)


def test_other_libraries_have_a_type_that_numpy_lacks():
    ml_dtypes = pytest.importorskip("ml_dtypes")  # the types of JAX
    array = (RGB / 255).astype(ml_dtypes.bfloat16)
    assert pixel_arrays.is_array(array)
    pixels = decoding.convert(pixel_arrays.to_numpy(array)).astype(int)
    assert np.abs(pixels - RGB).max() <= 1


def test_masked_values_are_errors():
    with pytest.raises(ImageError, match=r"masked values \(fill them"):
        pixel_arrays.to_numpy(np.ma.masked_less(RGB, 50))
    np.testing.assert_array_equal(pixel_arrays.to_numpy(np.ma.array(RGB)), RGB)


def test_columns_and_collections_are_not_arrays():
    import pandas as pd
    import pyarrow as pa

    for value in (pd.Series([1, 2]), pd.DataFrame({"a": [1]}), pa.array([1]), np.array(["a"]), np.array([None])):
        assert not pixel_arrays.is_array(value)
    for value in (np.float32(1), "text", None, [[1]]):
        assert not pixel_arrays.is_array(value)
