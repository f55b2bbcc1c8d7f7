from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import special

from imagemood.errors import IncompatibleModelError, OutputError
from imagemood.models.output_checks import as_finite, check_is_float, join, probabilities_of, softmax


@pytest.mark.parametrize("kind", ["int64", "string", "bfloat16", "seq(tensor(float))", "optional(tensor(float))"])
def test_an_output_that_is_not_a_tensor_of_floats(kind):
    for accepted in ("float", "float16", "double"):
        check_is_float("y", {"y": accepted}, "mine.onnx")
    with pytest.raises(IncompatibleModelError, match=r"^mine\.onnx: the output 'y' has the type "):
        check_is_float("y", {"y": kind}, "mine.onnx")


@given(arrays(np.float32, array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=3)))
def test_a_joined_output_has_the_expected_shape_or_is_an_error(array):
    for sizes, flat in (((3,), False), ((None,), True), ((2, None, None), False)):
        try:
            joined = join([(2, {"y": array})], "y", sizes, "mine.onnx", flat=flat)
        except IncompatibleModelError as error:
            assert f"the shape of 'y' is {array.shape}" in str(error) or flat  # noqa: PT017
        else:
            assert joined.ndim == 1 + len(sizes)
            assert joined.size > 0
            assert all(size == joined.shape[i] for i, size in enumerate((2, *sizes)) if size is not None)


def test_parts_are_joined_in_order_and_must_have_equal_shapes():
    parts = [(1, {"y": np.zeros((1, 4, 1, 1))}), (2, {"y": np.ones((2, 4, 1, 1))})]
    np.testing.assert_array_equal(join(parts, "y", (None,), "mine.onnx", flat=True)[:, 0], [0, 1, 1])
    parts[1] = (2, {"y": np.ones((2, 5, 1, 1))})
    with pytest.raises(IncompatibleModelError, match=r"is \(4,\) for some pictures and \(5,\) for others$"):
        join(parts, "y", (None,), "mine.onnx", flat=True)


@given(arrays(np.float32, (2, 4), elements=st.floats(-(2.0**99), 2.0**99, width=32)))
def test_softmax_is_that_of_scipy(logits):
    np.testing.assert_allclose(softmax(logits, "y", "mine.onnx"), special.softmax(logits, axis=1), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_softmax_of_extreme_logits(dtype):
    largest = np.finfo(dtype).max
    logits = np.array([[largest, -largest, -np.inf, 0], [-largest, -largest, -largest, -largest]], dtype=dtype)
    scores = softmax(logits, "y", "mine.onnx")
    assert scores.dtype == np.float32
    np.testing.assert_array_equal(scores, [[1, 0, 0, 0], [0.25] * 4])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_rows_with_nan_or_infinity_are_named(value):
    logits = np.zeros((4, 3), dtype=np.float32)
    logits[[1, 3], [0, 2]] = value
    for check in (softmax, as_finite):
        with pytest.raises(OutputError, match="the output 'y' contains NaN or infinity") as caught:
            check(logits, "y", "mine.onnx")
        assert caught.value.rows == [1, 3]


def test_minus_infinity_in_all_columns_is_an_error():
    with pytest.raises(OutputError):
        softmax(np.full((1, 3), -np.inf), "y", "mine.onnx")


def test_doubles_beyond_the_range_of_float32_are_an_error():
    with pytest.raises(OutputError):
        as_finite(np.array([[1.0, 1e300]]), "y", "mine.onnx")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([1, 3], [0.25, 0.75]),
        ([1e-40, 0], [1, 0]),
        ([5e-324, 0], [1, 0]),
        ([3e38, 1e38], [0.75, 0.25]),
        ([0.5, 0.5, -1e-7], [0.5, 0.5, 0]),
    ],
)
def test_rows_are_scaled_to_sum_to_1(row, expected):
    np.testing.assert_allclose(probabilities_of(np.array([row]), "mine.onnx"), [expected], rtol=1e-6)


@pytest.mark.parametrize(
    "row", [[0, 0], [-1, 2], [-0.5, -0.5], [np.nan, 1], [np.inf, 1], [-np.inf, 1], [1.7e308, 1.7e308], [-1e-9, 0]]
)
def test_rows_that_are_not_probabilities(row):
    with pytest.raises(OutputError, match="the output is not one probability for each mood") as caught:
        probabilities_of(np.array([[0.5, 0.5], row]), "mine.onnx")
    assert caught.value.rows == [1]
