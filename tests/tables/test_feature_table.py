from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from imagemood import tables
from imagemood.errors import InputError, TableError, VocabularyError

TABLE = tables.FeatureTable(["a, b.jpg", "ä.jpg"], ("pleasure", "arousal"), np.float32([[0.25, -1], [0.5, 2]]))


@pytest.mark.parametrize("extension", ["csv", "csv.gz", "jsonl", "jsonl.zst", "parquet"])
def test_round_trip(tmp_path, extension):
    tables.write_table(TABLE.to_columns(), tmp_path / f"features.{extension}")
    table = tables.read_features(tmp_path / f"features.{extension}")
    assert table.images == TABLE.images
    assert table.names == TABLE.names
    assert table.values.dtype == np.float32
    assert table.name == str(tmp_path / f"features.{extension}")
    np.testing.assert_array_equal(table.values, TABLE.values)


FLOATS = hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5), elements=st.floats(width=32))


@given(FLOATS.filter(lambda values: np.isfinite(values).all()), st.sampled_from(["csv", "jsonl", "parquet"]))
def test_any_finite_values_come_back(values, extension):
    names = tuple(f"feature {i}" for i in range(values.shape[1]))
    table = tables.FeatureTable([f"{i}.jpg" for i in range(len(values))], names, values)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"features.{extension}"
        tables.write_table(table.to_columns(), path)
        read = tables.read_features(path)
        if extension == "csv":
            frame = pd.read_csv(path)
            assert frame["image"].tolist() == table.images
            np.testing.assert_allclose(frame[list(names)].to_numpy(), values, rtol=1e-6)
    assert (read.images, read.names) == (table.images, names)
    np.testing.assert_array_equal(read.values, values)


@given(st.binary(max_size=120), st.sampled_from(["csv", "jsonl", "parquet"]))
def test_any_bytes_give_features_or_one_line(content, extension):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"features.{extension}"
        path.write_bytes(content)
        try:
            assert np.isfinite(tables.read_features(path).values).all()
        except TableError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017


def test_images_that_look_like_numbers_are_found_by_number(write):
    table = tables.read_features(write("features.csv", "image,pleasure\n7,0.5\n41,1\n"))
    assert table.rows_of([41, 7]).tolist() == [[1], [0.5]]
    assert table.rows_of(["41", "41"]).tolist() == [[1], [1]]
    assert table.rows_of([]).shape == (0, 1)
    with pytest.raises(VocabularyError, match=r"features\.csv: no features for 2 of 3 pictures, such as '8'"):
        table.rows_of([7, 8, 9])


def test_names_that_look_like_numbers_stay_text(write):
    assert tables.read_features(write("features.csv", "image,pleasure\n007,0.5\n1e3,1\n")).images == ["007", "1e3"]


def test_integers_are_numbers(write):
    assert tables.read_features(write("f.csv", "pleasure,image,hue\n1,a,3\n2,b,4\n")).values.tolist() == [
        [1, 3],
        [2, 4],
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("image,pleasure\na,0.5\nb,high\n", "row 2, field 'pleasure': 'high' is not a number"),
        ("image,pleasure\na,0.5\nb,1e300\n", "row 2, field 'pleasure': not a finite number"),
        ("image,pleasure\na,0.5\nb,nan\n", "row 2, field 'pleasure': not a finite number"),
        ("image,pleasure\na,0.5\nb,inf\n", "row 2, field 'pleasure': not a finite number"),
        ("image,pleasure\na,0.5\nb,\n", "row 2, field 'pleasure': not a finite number"),
        ("image,pleasure\na,0.5\na,0.5\n", "row 2, field 'image': 'a' has two rows"),
        ("picture,pleasure\na,0.5\n", "not a table of features .the table needs a column image"),
        ("image\na\n", "not a table of features"),
        ("image,pleasure\n", "no rows"),
        ("image,pleasure\na,1,2\n", "not a table of features: CSV parse error: Expected 2 columns, got 3"),
        ("", "not a table of features: Empty CSV file"),
        ("image;pleasure\na;0.5\n", "the fields are separated by semicolons .separate them by commas"),
        ("image,pleasure,pleasure\na,0.5,1\n", "2 columns are called 'pleasure' .rename the others"),
        ("image,pleasure,image\na,0.5,b\n", "2 columns are called 'image' .rename the others"),
        ("i\0m\0a\0g\0e\0,\0p\0\n\0a\0,\x001\0\n\0", "not valid UTF-8 text .save the table in UTF-8"),
    ],
)
def test_invalid_csv(write, content, message):
    path = write("features.csv", content)
    with pytest.raises(TableError, match=message) as caught:
        tables.read_features(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not a table of features"),
        ('{"image": null, "hue": 1}\n', "row 1, field 'image': missing value"),
        ('{"image": "a", "hue": {"x": 1}}\n', "row 1, field 'hue': {'x': 1} is not a number"),
        ('{"image": "a", "hue": null}\n', "row 1, field 'hue': not a finite number"),
    ],
)
def test_invalid_json_lines(write, content, message):
    with pytest.raises(TableError, match=message):
        tables.read_features(write("features.jsonl", content))


def test_format_that_holds_only_tag_rows(write):
    with pytest.raises(InputError, match="protobuf can hold only tag rows, not features"):
        tables.read_features(write("features.pb", b""))


def test_missing_file():
    with pytest.raises(TableError, match=r"absent\.csv: cannot be read: No such file"):
        tables.read_features("absent.csv")
