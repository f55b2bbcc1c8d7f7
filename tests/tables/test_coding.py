from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import InputError, TableError
from imagemood.tables.coding import (
    coded,
    coded_images,
    coded_tags,
    coded_vocabulary,
    integers_if_possible,
    number_column,
    positions,
)

TEXTS = st.lists(st.sampled_from(["cat", "dog", "crane", "Ätna"]), max_size=30)


@given(TEXTS)
def test_codes_are_those_of_a_dictionary_of_arrow(texts):
    encoded = pa.array(texts, pa.string()).dictionary_encode()
    column = coded(texts)
    assert column.values == encoded.dictionary.to_pylist()
    assert column.codes.tolist() == encoded.indices.to_pylist()
    assert column.codes.dtype == np.int32
    assert column.decoded() == texts


@given(TEXTS.filter(len), st.data())
def test_taken_rows_are_in_order_of_first_appearance(texts, data):
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=20))
    taken = coded(texts).take(np.array(rows, dtype=np.int64))
    expected = coded([texts[row] for row in rows])
    assert (taken.values, taken.codes.tolist()) == (expected.values, expected.codes.tolist())


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([7, 41, 7], [7, 41, 7]),
        (range(3), [0, 1, 2]),
        (["a", "b"], ["a", "b"]),
        ([], []),
        (np.array([3, 4], dtype=np.uint8), [3, 4]),
        ([np.int64(3), 4], [3, 4]),
        ([-(2**63), 2**63 - 1], [-(2**63), 2**63 - 1]),
    ],
)
def test_images(images, expected):
    assert coded_images(images, "t").decoded() == expected


@pytest.mark.parametrize(
    ("check", "values", "message"),
    [
        (coded_images, [1, None], "t, row 2, field 'image': missing value"),
        (coded_images, [None, None], "t, row 1, field 'image': missing value"),
        (coded_images, ["a", "", "b"], "t, row 2, field 'image': missing value"),
        (coded_images, [0.5], "t, field 'image': expected integers or text, got values of type float"),
        (coded_images, [True], "t, field 'image': expected integers or text, got values of type bool"),
        (coded_images, [7, "a"], "t, field 'image': expected integers or text, got values of type int and str"),
        (coded_images, [b"a"], "t, field 'image': expected integers or text, got values of type bytes"),
        (coded_images, [0, 2**63], "t, row 2, field 'image': does not fit into a 64-bit integer"),
        (coded_tags, ["a", ""], "t, row 2, field 'tag': missing value"),
        (coded_tags, ["a", None], "t, row 2, field 'tag': missing value"),
        (coded_tags, [1], "t, field 'tag': expected text, got values of type int"),
        (number_column, [0.5, None], "t, row 2, field 'score': missing value"),
        (number_column, ["0.5"], "t, field 'score': expected numbers, got values of type str"),
        (number_column, [True], "t, field 'score': expected numbers, got values of type bool"),
    ],
)
def test_the_first_invalid_row_is_named(check, values, message):
    with pytest.raises(TableError) as caught:
        check(values, "t")
    assert str(caught.value) == message


def test_text_must_be_valid_unicode():
    with pytest.raises(InputError, match=r"not valid Unicode") as caught:
        coded_tags(["a", "b\udce9"], "t")
    assert caught.value.where == "b\udce9"


def test_numbers_of_any_type_become_float64():
    for values in ([0, 1], [0.5, np.float32(0.25)], np.array([1, 0], dtype=np.uint8), [], [0, 0.5]):
        column = number_column(values, "t")
        assert column.dtype == np.float64
        assert column.tolist() == list(values)


def test_vocabularies():
    assert coded_vocabulary(("cat", "dog")) is coded_vocabulary(("cat", "dog"))
    assert positions(("crane", "cat", "crane")) == {"crane": 0, "cat": 1}


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_text_of_integers_becomes_integers(numbers):
    assert integers_if_possible([str(n) for n in numbers]) == numbers


@pytest.mark.parametrize(
    "name", ["007", " 7", "7 ", "+7", "-0", "7.0", "1e3", "0x7", "a", str(2**63), "", "７", "7\n"]
)
def test_names_that_look_like_integers_stay_text(name):
    assert integers_if_possible(["7", name]) == ["7", name]
