from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from imagemood.tables.arrays import image_array, tag_array, to_arrow, to_numpy


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("length", [0, 1, 7])
def test_numbers_of_any_type_come_back(dtype, length):
    values = np.arange(2 * length, dtype=dtype)[::2]  # not contiguous
    array = to_arrow(values)
    assert array.equals(pa.array(values))
    np.testing.assert_array_equal(to_numpy(array), values)
    assert to_numpy(array).dtype == dtype


@pytest.mark.parametrize(
    ("images", "kind"),
    [
        ([7, 41], pa.int64()),
        (range(3), pa.int64()),
        (["a", "b"], pa.string()),
        ([], pa.int64()),
        (np.array([3, 4]), pa.int64()),
    ],
)
def test_images(images, kind):
    array = image_array(images)
    assert array.type == kind
    assert array.to_pylist() == list(images)


def test_mixed_images_are_an_error():
    with pytest.raises(pa.ArrowException):
        image_array([7, "a"])


def test_tags_are_converted_once():
    assert tag_array(("cat", "dog")).to_pylist() == ["cat", "dog"]
    assert tag_array(("cat", "dog")) is tag_array(("cat", "dog"))
