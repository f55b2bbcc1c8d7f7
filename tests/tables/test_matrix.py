from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from imagemood.tables.matrix import add_scores

N_IMAGES, N_TAGS = 4, 3
ROW = st.tuples(st.integers(0, N_IMAGES - 1), st.integers(-1, N_TAGS - 1), st.floats(0, 1, width=32))
ROWS = st.lists(ROW, max_size=40)


def columns_of(triples):
    types = (np.int32, np.int32, np.float64)
    return (np.array([row[i] for row in triples], dtype=types[i]) for i in range(3))


@given(ROWS)
def test_matrix_is_that_of_a_plain_loop(triples):
    expected = np.zeros((N_IMAGES, N_TAGS), dtype=np.float32)
    for row, column, score in triples:
        if column >= 0:
            expected[row, column] += np.float32(score)
    matrix = np.zeros_like(expected)
    n_unknown = add_scores(matrix, *columns_of(triples))
    np.testing.assert_array_equal(matrix, expected)
    assert n_unknown == sum(column < 0 for _, column, _ in triples)


@settings(max_examples=20)  # pandas is slow for small tables
@given(ROWS.filter(lambda triples: any(column >= 0 for _, column, _ in triples)))
def test_matrix_is_the_pivot_table_of_pandas(triples):
    frame = pd.DataFrame(triples, columns=["image", "tag", "score"])
    pivot = frame[frame.tag >= 0].pivot_table(index="image", columns="tag", values="score", aggfunc="sum")
    expected = pivot.reindex(index=range(N_IMAGES), columns=range(N_TAGS)).fillna(0).to_numpy()
    matrix = np.zeros((N_IMAGES, N_TAGS), dtype=np.float32)
    add_scores(matrix, *columns_of(triples))
    np.testing.assert_allclose(matrix, expected, rtol=1e-6)


def test_one_row_for_all_scores():
    matrix = np.zeros((2, 3), dtype=np.float32)
    assert add_scores(matrix, 1, np.array([0, 2, 2, -1]), np.array([0.25, 0.5, 0.25, 1])) == 1
    np.testing.assert_array_equal(matrix, [[0, 0, 0], [0.25, 0, 0.75]])


def test_scores_are_added_to_those_that_are_there():
    matrix = np.full((1, 2), 0.5, dtype=np.float32)
    add_scores(matrix, [0], np.array([1]), np.array([0.25]))
    np.testing.assert_array_equal(matrix, [[0.5, 0.75]])


def test_no_rows():
    matrix = np.zeros((0, 5), dtype=np.float32)
    assert add_scores(matrix, [], np.array([], dtype=np.int32), np.array([])) == 0


def test_cells_beyond_32_bits_are_found(tmp_path):
    # A sparse file of 9 GB, of which only a few pages are used.
    matrix = np.memmap(tmp_path / "matrix", np.float32, "w+", shape=(50_000, 45_000))
    add_scores(matrix, np.int32([49_999]), np.int32([44_999]), np.array([0.5]))
    assert matrix[-1, -1] == 0.5
    assert matrix[0, :10].sum() == 0
