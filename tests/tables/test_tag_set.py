from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.errors import TagFileError
from imagemood.tables.tag_set import TagSet

NAMES = st.sampled_from(["cat", "dog", "crane", "lakeside, lakeshore", "Ätna", "日本"])
ROWS = st.lists(st.tuples(st.integers(-3, 5), NAMES, st.floats(0, 1)), min_size=1, max_size=60)


def rows(*triples):
    images, tags, scores = zip(*triples, strict=True)
    return TagSet.from_rows(images, tags, scores)


@given(ROWS)
def test_matrix_is_what_a_plain_loop_gives(triples):
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
def test_matrix_to_rows_and_back(n_images, n_tags, dice):
    matrix = np.array([[dice.choice([0.0, dice.random()]) for _ in range(n_tags)] for _ in range(n_images)])
    matrix[:, 0] = 0.5  # each image keeps a row
    vocabulary = [f"tag {i}" for i in range(n_tags)]
    names = [f"{i}.jpg" for i in range(n_images)]
    tags = TagSet.from_matrix(matrix, names, vocabulary)
    back = tags.to_matrix(vocabulary)
    assert back.images == names
    np.testing.assert_array_equal(back.values, matrix.astype(np.float32))
    assert len(tags) == np.count_nonzero(matrix)


def test_only_the_strongest():
    tags = TagSet.from_matrix(np.array([[0.1, 0.6, 0.3]]), [7], ["a", "b", "c"], n_top=2)
    assert tags.table.to_pydict() == {"image": [7, 7], "tag": ["b", "c"], "score": [0.6, 0.3]}


def test_zeros_are_rows_only_if_asked():
    matrix = np.array([[1.0, 0.0]])
    assert len(TagSet.from_matrix(matrix, [0], ["a", "b"])) == 1
    assert len(TagSet.from_matrix(matrix, [0], ["a", "b"], keep_zeros=True)) == 2


def test_the_same_tag_twice_is_added():
    tags = rows((0, "crane", 0.25), (0, "crane", 0.5), (1, "crane", 0.125))
    np.testing.assert_array_equal(tags.to_matrix(["crane"]).values, [[0.75], [0.125]])


def test_an_image_without_known_tags_keeps_its_row():
    matrix = rows((5, "unheard of", 1.0), (3, "cat", 1.0)).to_matrix(["cat"])
    assert matrix.images == [5, 3]
    np.testing.assert_array_equal(matrix.values, [[0], [1]])


def test_a_score_may_exceed_1_by_rounding():
    assert len(rows((0, "cat", 1 + 1e-6))) == 1


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (float("nan"), "is nan, not a number from 0 to 1"),
        (float("inf"), "is inf, not a number from 0 to 1"),
        (-0.1, "is -0.1, not a number from 0 to 1"),
        (1.00001, "is 1.00001, not a number from 0 to 1"),
        (None, "is missing"),
    ],
)
def test_bad_score_is_named_with_its_row(score, message):
    table = pa.table({"image": [0, 0, 0], "tag": ["a", "b", "c"], "score": [0.5, score, 0.5]})
    with pytest.raises(TagFileError, match=f"^t.csv, row 2, field 'score': {message}$"):
        TagSet(table, name="t.csv")


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("image", [0, None], "row 2, field 'image': is missing"),
        ("image", ["a", ""], "row 2, field 'image': is missing"),
        ("image", [0.5, 1.5], "field 'image': is of type double"),
        ("image", pa.array([0, 2**64 - 1], pa.uint64()), "row 2, field 'image': is above"),
        ("tag", ["", "b"], "row 1, field 'tag': is missing"),
        ("tag", [1, 2], "field 'tag': is of type int64"),
        ("score", ["high", "low"], "field 'score': is of type string"),
    ],
)
def test_bad_column(column, values, message):
    columns = {"image": [0, 1], "tag": ["a", "b"], "score": [0.5, 0.5], column: values}
    with pytest.raises(TagFileError, match=message):
        TagSet(pa.table(columns))


@pytest.mark.parametrize("column", ["image", "tag", "score"])
def test_missing_column(column):
    table = pa.table({"image": [0], "tag": ["a"], "score": [0.5]}).drop_columns([column])
    with pytest.raises(TagFileError, match=f"no column '{column}'"):
        TagSet(table)


def test_types_are_brought_to_one_form():
    columns = {
        "image": pa.array([1, 2], pa.uint8()),
        "tag": pa.array(["a", "b"]).dictionary_encode(),
        "score": pa.array([0, 1], pa.int32()),
    }
    tags = TagSet(pa.table(columns))
    assert [str(field.type) for field in tags.table.schema] == ["int64", "string", "double"]


def test_equality_and_text():
    one = rows(("a.jpg", "cat", 1.0))
    assert one == rows(("a.jpg", "cat", 1.0))
    assert one != rows(("b.jpg", "cat", 1.0))
    assert one != 5
    assert repr(one) == "TagSet(1 rows, 1 images, 1 tags)"
    assert one.vocabulary == ("cat",)
