"""Tables of features in files."""

from __future__ import annotations

import numpy as np
import pytest

from imagemood import tables
from imagemood.errors import InputError, TagFileError, VocabularyError

TABLE = tables.FeatureTable(["a, b.jpg", "ä.jpg"], ("pleasure", "arousal"), np.float32([[0.25, -1], [0.5, 2]]))


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "jsonl", "parquet"])
def test_what_is_written_is_read(tmp_path, ending):
    tables.write_table(TABLE.to_arrow(), tmp_path / f"features.{ending}")
    table = tables.read_features(tmp_path / f"features.{ending}")
    assert table.images == TABLE.images
    assert table.names == TABLE.names
    np.testing.assert_array_equal(table.values, TABLE.values)


def test_images_written_as_numbers_are_found_by_number(tmp_path):
    (tmp_path / "features.csv").write_text("image,pleasure\n7,0.5\n41,1\n")
    table = tables.read_features(tmp_path / "features.csv")
    assert table.rows_of([41, 7]).tolist() == [[1], [0.5]]
    with pytest.raises(VocabularyError, match="has no features of 1 images, such as '8'"):
        table.rows_of([7, 8])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("image,pleasure\na,0.5\nb,high\n", "row 2, field 'pleasure': is 'high', not a number"),
        ("image,pleasure\na,0.5\nb,nan\n", "row 2, field 'pleasure': is no finite number"),
        ("image,pleasure\na,0.5\nb,\n", "row 2, field 'pleasure': is no finite number"),
        ("image,pleasure\na,0.5\na,0.5\n", "row 2, field 'image': 'a' has a row already"),
        ("picture,pleasure\na,0.5\n", "is no table of features .it needs a column image"),
        ("image\na\n", "is no table of features"),
        ("image,pleasure\n", "has no rows"),
        ("image,pleasure\na,1,2\n", "is no table of features"),
        ("", "is no table of features"),
    ],
)
def test_tables_that_are_none(tmp_path, content, message):
    (tmp_path / "features.csv").write_text(content)
    with pytest.raises(TagFileError, match=message):
        tables.read_features(tmp_path / "features.csv")


def test_not_in_protobuf(tmp_path):
    (tmp_path / "features.pb").write_bytes(b"")
    with pytest.raises(InputError, match="holds rows of tags, not features"):
        tables.read_features(tmp_path / "features.pb")
