from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import TableError
from imagemood.serve.schemas.rows import TagRows, to_matrix
from imagemood.serve.settings import MAX_TAG_ROW_IMAGES
from imagemood.tables.tag_set import TagSet

VOCABULARY = ("cat", "dog", "crane", "lakeside, lakeshore")
COLUMNS = {tag: column for column, tag in enumerate(VOCABULARY)}
ROWS = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3),
        st.sampled_from([*VOCABULARY, "yeti", "Jägerstein"]),
        st.floats(0, 1),
    ),
    min_size=1,
)


@given(ROWS)
def test_the_matrix_is_that_of_a_tag_set(rows):
    images, tags, scores = zip(*rows, strict=True)
    expected = TagSet.from_rows(images, tags, scores).to_matrix(VOCABULARY)
    found = to_matrix(TagRows(images, tags, scores), COLUMNS)
    np.testing.assert_array_equal(found.values, expected.values)
    assert found.images == expected.images
    assert found.n_unknown_rows == expected.n_unknown_rows


def test_no_rows_are_an_empty_matrix():
    found = to_matrix(TagRows([], [], []), COLUMNS)
    assert found.values.shape == (0, 4)
    assert (found.images, found.n_unknown_rows) == ([], 0)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ((0, "cat", 1.5), "the request, row 2, field 'score': "),
        ((0, "cat", -0.1), "the request, row 2, field 'score': "),
        ((0, "cat", float("nan")), "the request, row 2, field 'score': "),
        ((0, "cat", float("inf")), "the request, row 2, field 'score': "),
        ((0, "", 0.5), "the request, row 2, field 'tag': "),
    ],
)
def test_an_invalid_row_is_named(row, place):
    columns = zip((1, "dog", 0.25), row, strict=True)
    with pytest.raises(TableError) as caught:
        to_matrix(TagRows(*columns), {"cat": 0})
    assert str(caught.value).startswith(place)


def test_the_number_of_images_is_limited():
    n_images = MAX_TAG_ROW_IMAGES
    rows = TagRows(range(n_images), ["cat"] * n_images, [0.5] * n_images)
    assert to_matrix(rows, COLUMNS).values.shape == (n_images, 4)
    rows = TagRows(range(n_images + 1), ["cat"] * (n_images + 1), [0.5] * (n_images + 1))
    with pytest.raises(TableError, match="more than 4,096 images"):
        to_matrix(rows, COLUMNS)
