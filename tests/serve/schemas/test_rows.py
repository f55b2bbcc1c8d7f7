from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import TagFileError
from imagemood.serve.schemas.messages import JSON, PROTOBUF, read_rows, write_rows
from imagemood.serve.schemas.rows import Rows, to_matrix
from imagemood.tables.tag_set import TagSet

VOCABULARY = ("cat", "dog", "crane", "lakeside, lakeshore")
ROWS = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3),
        st.sampled_from([*VOCABULARY, "yeti", "Jägerstein"]),
        st.floats(0, 1),
    ),
    min_size=1,
)


@given(ROWS)
def test_the_same_matrix_as_of_tag_rows_in_files(rows):
    images, tags, scores = zip(*rows, strict=True)
    expected = TagSet.from_rows(images, tags, scores).to_matrix(VOCABULARY)
    found = to_matrix(Rows(images, tags, scores), {tag: i for i, tag in enumerate(VOCABULARY)})
    np.testing.assert_array_equal(found.values, expected.values)
    assert found.images == expected.images
    assert found.n_unknown_rows == expected.n_unknown_rows


@given(ROWS)
def test_rows_come_back_from_the_wire(rows):
    for kind in (PROTOBUF, JSON):
        found = read_rows(write_rows(rows, kind), kind)
        assert list(zip(found.images, found.tags, found.scores, strict=True)) == rows


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((0, "cat", 1.5), "row 2, field 'score': is 1.5"),
        ((0, "cat", float("nan")), "row 2, field 'score': is nan"),
        ((0, "", 0.5), "row 2, field 'tag': is missing"),
    ],
)
def test_the_row_that_is_wrong_is_named(row, said):
    columns = zip((1, "dog", 0.25), row, strict=True)
    with pytest.raises(TagFileError, match=said):
        to_matrix(Rows(*columns), {"cat": 0})
