from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import TableError
from imagemood.tables.tag_set import TagSet

NAMES = st.sampled_from(["cat", "dog", "crane", "lakeside, lakeshore", "Ätna", "日本"])
ROWS = st.lists(st.tuples(st.integers(-3, 5), NAMES, st.floats(0, 1)), min_size=1, max_size=60)


def rows(*triples):
    images, tags, scores = zip(*triples, strict=True)
    return TagSet.from_rows(images, tags, scores)


@given(ROWS)
def test_matrix_is_that_of_a_plain_loop(triples):
    tags = rows(*triples)
    vocabulary = ["dog", "crane", "cat"]
    matrix = tags.to_matrix(vocabulary)
    images = list(dict.fromkeys(image for image, _, _ in triples))
    expected = np.zeros((len(images), 3), dtype=np.float32)
    unknown = []
    for image, tag, score in triples:
        if tag in vocabulary:
            expected[images.index(image), vocabulary.index(tag)] += np.float32(score)
        else:
            unknown.append(tag)
    assert matrix.images == tags.images == images
    assert matrix.n_unknown_rows == len(unknown)
    assert set(matrix.unknown_tags) == set(unknown)
    np.testing.assert_array_equal(matrix.values, expected)


@given(ROWS)
def test_ranked_rows_descend_and_lose_nothing(triples):
    tags = rows(*triples)
    ranked = tags.ranked()
    assert ranked.images == tags.images
    expected = [
        row for image in tags.images for row in sorted((t for t in triples if t[0] == image), key=lambda t: -t[2])
    ]
    assert [tuple(row.values()) for row in ranked.table.to_pylist()] == expected


@given(st.integers(1, 6), st.integers(1, 8), st.randoms(use_true_random=False))
def test_round_trip_through_a_matrix(n_images, n_tags, rng):
    matrix = np.array([[rng.choice([0.0, rng.random()]) for _ in range(n_tags)] for _ in range(n_images)])
    matrix[:, 0] = 0.5  # each image keeps a row
    vocabulary = [f"tag {i}" for i in range(n_tags)]
    names = [f"{i}.jpg" for i in range(n_images)]
    tags = TagSet.from_matrix(matrix, names, vocabulary)
    back = tags.to_matrix(vocabulary)
    assert back.images == names
    np.testing.assert_array_equal(back.values, matrix.astype(np.float32))
    assert len(tags) == np.count_nonzero(matrix)


def test_only_the_strongest_tags_are_kept():
    tags = TagSet.from_matrix(np.array([[0.1, 0.6, 0.3]]), [7], ["a", "b", "c"], n_top=2)
    assert tags.table.to_pydict() == {"image": [7, 7], "tag": ["b", "c"], "score": [0.6, 0.3]}


def test_rows_with_the_score_0_are_optional():
    matrix = np.array([[1.0, 0.0]])
    assert len(TagSet.from_matrix(matrix, [0], ["a", "b"])) == 1
    assert len(TagSet.from_matrix(matrix, [0], ["a", "b"], keep_zeros=True)) == 2


def test_scores_of_a_tag_that_occurs_twice_are_added():
    tags = rows((0, "crane", 0.25), (0, "crane", 0.5), (1, "crane", 0.125))
    np.testing.assert_array_equal(tags.to_matrix(["crane"]).values, [[0.75], [0.125]])


def test_image_without_known_tags_keeps_its_row():
    matrix = rows((5, "unknown", 1.0), (3, "cat", 1.0)).to_matrix(["cat"])
    assert matrix.images == [5, 3]
    np.testing.assert_array_equal(matrix.values, [[0], [1]])


def test_score_may_exceed_1_because_of_rounding():
    assert len(rows((0, "cat", 1 + 1e-6))) == 1


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (float("nan"), "nan is not a number from 0 to 1"),
        (float("inf"), "inf is not a number from 0 to 1"),
        (-0.1, "-0.1 is not a number from 0 to 1"),
        (1.00001, "1.00001 is not a number from 0 to 1"),
        (None, "missing value"),
    ],
)
def test_invalid_score_is_named_with_its_row(score, message):
    table = pa.table({"image": [0, 0, 0], "tag": ["a", "b", "c"], "score": [0.5, score, 0.5]})
    with pytest.raises(TableError, match=f"^t.csv, row 2, field 'score': {message}$"):
        TagSet(table, name="t.csv")


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("image", [0, None], "row 2, field 'image': missing value"),
        ("image", ["a", ""], "row 2, field 'image': missing value"),
        ("image", [0.5, 1.5], "field 'image': expected integers or text, got values of type double"),
        (
            "image",
            pa.array([0, 2**64 - 1], pa.uint64()),
            "row 2, field 'image': does not fit into a 64-bit integer",
        ),
        ("tag", ["", "b"], "row 1, field 'tag': missing value"),
        ("tag", [1, 2], "field 'tag': expected text, got values of type int64"),
        ("score", ["high", "low"], "field 'score': expected numbers, got values of type string"),
    ],
)
def test_invalid_column(column, values, message):
    columns = {"image": [0, 1], "tag": ["a", "b"], "score": [0.5, 0.5], column: values}
    with pytest.raises(TableError, match=message):
        TagSet(pa.table(columns))


@pytest.mark.parametrize("column", ["image", "tag", "score"])
def test_missing_column(column):
    table = pa.table({"image": [0], "tag": ["a"], "score": [0.5]}).drop_columns([column])
    with pytest.raises(TableError, match=f"missing column '{column}'"):
        TagSet(table)


def test_types_are_unified():
    columns = {
        "image": pa.array([1, 2], pa.uint8()),
        "tag": pa.array(["a", "b"]).dictionary_encode(),
        "score": pa.array([0, 1], pa.int32()),
    }
    tags = TagSet(pa.table(columns))
    assert [str(field.type) for field in tags.table.schema] == ["int64", "string", "double"]


def test_equality_and_representation():
    one = rows(("a.jpg", "cat", 1.0))
    assert one == rows(("a.jpg", "cat", 1.0))
    assert one != rows(("b.jpg", "cat", 1.0))
    assert one != 5
    assert repr(one) == "TagSet(1 rows, 1 images, 1 tags)"
    assert one.vocabulary == ("cat",)


def test_rows_of_equal_scores_keep_the_order_of_the_vocabulary():
    tags = TagSet.from_matrix(np.array([[0.25, 0.5, 0.25, 0.5]]), ["a"], ["d", "c", "b", "a"])
    assert tags.table["tag"].to_pylist() == ["c", "a", "d", "b"]


def test_matrix_of_invalid_scores():
    with pytest.raises(TableError, match="row 1, field 'score': 1.5 is not a number from 0 to 1"):
        TagSet.from_matrix(np.array([[1.5, 0.5]]), [0], ["a", "b"])


def test_empty_tag_sets():
    tags = TagSet.from_rows([], [], [])
    assert (len(tags), tags.n_images, tags.images, tags.vocabulary) == (0, 0, [], ())
    assert tags.to_matrix(["cat"]).values.shape == (0, 1)
    assert rows((0, "cat", 1.0)).to_matrix([]).values.shape == (1, 0)


def test_coordinates():
    image, tag, score = rows((7, "b", 0.5), (3, "a", 0.25), (7, "a", 1.0)).coordinates()
    assert (image.tolist(), tag.tolist(), score.tolist()) == ([0, 1, 0], [0, 1, 1], [0.5, 0.25, 1.0])
    assert (image.dtype, tag.dtype, score.dtype) == (np.int32, np.int32, np.float32)


def test_other_columns_are_ignored_and_the_table_is_not_changed():
    table = pa.table({"note": ["x"], "score": [1], "tag": ["a"], "image": ["i"]})
    assert TagSet(table).table.column_names == ["image", "tag", "score"]
    assert table.column_names == ["note", "score", "tag", "image"]


def test_columns_in_several_chunks():
    table = pa.table({"image": [1], "tag": ["a"], "score": [0.5]})
    tags = TagSet(pa.concat_tables([table, table, pa.table({"image": [2], "tag": ["b"], "score": [1.0]})]))
    np.testing.assert_array_equal(tags.to_matrix(["a", "b"]).values, [[1, 0], [0, 1]])


def test_tag_set_is_not_hashable():
    with pytest.raises(TypeError, match="unhashable"):
        hash(rows((0, "cat", 1.0)))
