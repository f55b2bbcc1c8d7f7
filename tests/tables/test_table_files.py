from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import tables
from imagemood.errors import InputError, TableError
from imagemood.tables.compression import COMPRESSIONS
from imagemood.tables.formats import FORMATS
from imagemood.tables.tag_set import TagSet
from tests.tables.strategies import NAMES, NUMBERS, tag_sets

EXTENSIONS = [extension for table_format in FORMATS.values() for extension in table_format.extensions]
NAMED = [extension for extension in EXTENSIONS if extension not in FORMATS["protobuf"].extensions]


@given(st.sampled_from(EXTENSIONS), st.sampled_from(["", *COMPRESSIONS]), tag_sets(NUMBERS))
def test_round_trip_of_numbered_images(extension, compression, tags):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tags{extension}{compression}"
        tables.write(tags, path)
        assert tables.read(path) == tags


@given(st.sampled_from(NAMED), st.sampled_from(["", *COMPRESSIONS]), tag_sets(NAMES))
def test_round_trip_of_named_images(extension, compression, tags):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tags{extension}{compression}"
        tables.write(tags, str(path))
        assert tables.read(str(path)) == tags


@given(st.binary(max_size=200), st.sampled_from(EXTENSIONS), st.sampled_from(["", *COMPRESSIONS]))
def test_any_bytes_give_rows_or_one_line_that_names_the_file(content, extension, compression):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tags{extension}{compression}"
        path.write_bytes(content)
        try:
            assert len(tables.read(path)) > 0
        except TableError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017
            assert str(error).startswith(str(path))  # noqa: PT017


def test_format_takes_precedence_over_the_extension(write, tmp_path):
    assert len(tables.read(write("tags.data", "image,tag,score\n0,cat,1\n"), format="csv")) == 1
    tables.write(TagSet.from_rows([0], ["cat"], [1.0]), tmp_path / "tags.csv", format="jsonl")
    assert (tmp_path / "tags.csv").read_text() == '{"image": 0, "tag": "cat", "score": 1.0}\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [("t.csv", ""), ("t.csv", "image,tag,score\n"), ("t.jsonl", "\n"), ("t.pb", "")],
)
def test_file_without_rows(write, name, content):
    with pytest.raises(TableError, match=f"{name}: no rows$"):
        tables.read(write(name, content))


def test_errors_name_the_file(write):
    path = write("t.csv", "image,tag,score\n0,cat,1.5\n")
    with pytest.raises(TableError) as caught:
        tables.read(path)
    assert str(caught.value) == f"{path}, row 1, field 'score': 1.5 is not a number from 0 to 1"
    assert (caught.value.file, caught.value.row, caught.value.field) == (str(path), 1, "score")


def test_other_tables(tmp_path):
    table = pa.table({"image": ["a.jpg"], "mood": ["awe"], "probability": [0.5]})
    tables.write_table(table, tmp_path / "moods.csv")
    assert (tmp_path / "moods.csv").read_text() == "image,mood,probability\na.jpg,awe,0.5\n"
    assert tables.encode(table, "csv") == b"image,mood,probability\na.jpg,awe,0.5\n"
    with pytest.raises(InputError, match="protobuf can hold only tag rows"):
        tables.write_table(table, tmp_path / "moods.pb")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["moods.csv"]


def test_unknown_extension_is_found_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match="unknown file name extension"):
        tables.write(TagSet.from_rows([0], ["cat"], [1.0]), tmp_path / "tags.doc")
    assert list(tmp_path.iterdir()) == []


def test_public_names_load_lazily():
    assert sorted(tables.__all__) == dir(tables)
    for name in tables.__all__:
        assert getattr(tables, name) is not None
