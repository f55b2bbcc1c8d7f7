from __future__ import annotations

import pyarrow as pa
import pytest

from imagemood.errors import TableError
from imagemood.tables.arrow_columns import checked_images, checked_scores, checked_tags, tag_row_columns


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([1, 2], pa.uint8()), pa.int64()),
        (pa.array([1, 2], pa.int64()), pa.int64()),
        (pa.array([2**63 - 1], pa.uint64()), pa.int64()),
        (pa.array(["a", "b"]), pa.string()),
        (pa.array(["a", "b"], pa.large_string()), pa.string()),
        (pa.array(["a", "b", "a"]).dictionary_encode(), pa.string()),
        (pa.array([3, 4, 3]).dictionary_encode(), pa.int64()),
        (pa.array([], pa.null()), pa.int64()),
    ],
)
def test_images_become_int64_or_text(column, kind):
    checked = checked_images(column, "t.csv")
    assert checked.type == kind
    assert checked.to_pylist() == column.to_pylist()


@pytest.mark.parametrize(
    "column", [pa.array(["a", "b"]), pa.array(["a"], pa.large_string()), pa.array(["a", "a"]).dictionary_encode()]
)
def test_tags_become_text(column):
    checked = checked_tags(column, "t.csv")
    assert checked.type == pa.string()
    assert checked.to_pylist() == column.to_pylist()


@pytest.mark.parametrize(
    "column", [pa.array([0, 1], pa.int8()), pa.array([0.5], pa.float32()), pa.array([0.25, 1.0])]
)
def test_scores_become_float64(column):
    checked = checked_scores(column, "t.csv")
    assert checked.type == pa.float64()
    assert checked.to_pylist() == column.to_pylist()


@pytest.mark.parametrize(
    ("check", "column", "message"),
    [
        (checked_images, pa.array([1, None]), "row 2, field 'image': missing value"),
        (checked_images, pa.array([None, None]), "row 1, field 'image': missing value"),
        (checked_images, pa.array(["a", "", "b"]), "row 2, field 'image': missing value"),
        (checked_images, pa.array(["a", None]), "row 2, field 'image': missing value"),
        (checked_images, pa.array([0.5]), "field 'image': expected integers or text, got values of type double"),
        (checked_images, pa.array([b"a"]), "field 'image': expected integers or text, got values of type binary"),
        (
            checked_images,
            pa.array([0, 2**63, 1], pa.uint64()),
            "row 2, field 'image': does not fit into a 64-bit integer",
        ),
        (checked_tags, pa.array(["a", ""]), "row 2, field 'tag': missing value"),
        (checked_tags, pa.array([None, "a"]), "row 1, field 'tag': missing value"),
        (checked_tags, pa.array([None], pa.null()), "row 1, field 'tag': missing value"),
        (checked_tags, pa.array([1]), "field 'tag': expected text, got values of type int64"),
        (checked_scores, pa.array([0.5, None]), "row 2, field 'score': missing value"),
        (checked_scores, pa.array([None], pa.null()), "row 1, field 'score': missing value"),
        (checked_scores, pa.array(["high"]), "field 'score': expected numbers, got values of type string"),
        (checked_scores, pa.array([True]), "field 'score': expected numbers, got values of type bool"),
    ],
)
def test_first_invalid_row_is_named(check, column, message):
    with pytest.raises(TableError) as caught:
        check(column, "t.csv")
    assert str(caught.value) == f"t.csv, {message}"


def test_tag_rows_are_coded():
    table = pa.table({"image": [7, 3, 7], "tag": ["b", "a", "a"], "score": pa.array([0, 1, 1], pa.uint8())})
    image, tag, score = tag_row_columns(table, "t.csv")
    assert (image.values, image.codes.tolist()) == ([7, 3], [0, 1, 0])
    assert (tag.values, tag.codes.tolist()) == (["b", "a"], [0, 1, 1])
    assert (score.dtype, score.tolist()) == ("float64", [0, 1, 1])
