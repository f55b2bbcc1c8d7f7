from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import TableError
from imagemood.tables.scores import MAX_SCORE, are_scores, check_scores


@given(st.lists(st.floats(), min_size=1))
def test_scores_are_the_numbers_from_0_to_1(values):
    expected = [not math.isnan(value) and 0 <= value <= MAX_SCORE for value in values]
    assert are_scores(np.array(values)).tolist() == expected


def test_rounding_may_exceed_1_a_little():
    assert are_scores(np.float64([1, 1 + 1e-7, 1 + 1e-6, 1 + 2e-6])).tolist() == [True, True, True, False]


def test_scores_may_have_any_shape_and_type():
    assert are_scores(np.float32([[0, 2], [-1, 0.5]])).tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([0.5, 1.5, -1], "t.csv, row 2, field 'score': 1.5 is not a number from 0 to 1"),
        ([-0.1], "t.csv, row 1, field 'score': -0.1 is not a number from 0 to 1"),
        ([0, 1, np.nan], "t.csv, row 3, field 'score': nan is not a number from 0 to 1"),
        ([np.inf], "t.csv, row 1, field 'score': inf is not a number from 0 to 1"),
    ],
)
def test_first_invalid_score_is_named(scores, message):
    with pytest.raises(TableError) as caught:
        check_scores(np.array(scores), file="t.csv")
    assert str(caught.value) == message


def test_valid_scores():
    check_scores(np.array([0, 0.5, 1]), file="t.csv")
    check_scores(np.array([]), file="t.csv")
