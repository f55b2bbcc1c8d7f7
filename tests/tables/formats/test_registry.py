"""The registry of formats, and the properties that all formats share."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood import tables
from imagemood.cli.options import PredictionFormat, RowFormat, TableFormat
from imagemood.errors import InputError, TableError
from imagemood.tables.column_table import columns_of
from imagemood.tables.compression import COMPRESSIONS
from imagemood.tables.formats import FORMATS
from imagemood.tables.tag_set import TagSet
from tests.tables.strategies import NAMES, NUMBERS, tag_sets

ALL = pytest.mark.parametrize("table_format", FORMATS.values(), ids=FORMATS)
FLAT = pytest.mark.parametrize(
    "table_format",
    [table_format for table_format in FORMATS.values() if table_format.holds_any_table],
    ids=lambda table_format: table_format.name,
)
TAGS = TagSet.from_rows([0, 0, 7], ["lakeside, lakeshore", 'a "quoted" tag', "Ätna"], [0.75, 1 / 3, 0.0])


def test_names():
    assert list(FORMATS) == ["csv", "jsonl", "parquet", "protobuf"]
    assert all(name == table_format.name for name, table_format in FORMATS.items())


def test_no_extension_belongs_to_two_formats():
    extensions = [extension for table_format in FORMATS.values() for extension in table_format.extensions]
    assert len(set(extensions)) == len(extensions)
    assert not set(extensions) & set(COMPRESSIONS)
    assert all(extension.startswith(".") and extension == extension.lower() for extension in extensions)


def test_choices_of_the_command_line():
    assert list(RowFormat) == list(FORMATS)
    assert list(TableFormat) == ["csv", "jsonl", "parquet"]
    assert list(PredictionFormat) == ["table", "json", "csv", "parquet"]


def test_listing_the_formats_does_not_import_pyarrow():
    code = (
        "import sys\nfrom imagemood.tables.formats import FORMATS\n"
        "assert FORMATS and not {'pyarrow', 'numpy', 'google.protobuf', 'msgspec'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@ALL
def test_known_rows(table_format):
    table = table_format.decode_tag_rows(table_format.encode(TAGS.to_columns()), "tags")
    assert TagSet(table).table.to_pylist()[:2] == [
        {"image": 0, "tag": "lakeside, lakeshore", "score": 0.75},
        {"image": 0, "tag": 'a "quoted" tag', "score": 1 / 3},
    ]


@ALL
@given(tags=tag_sets(NUMBERS))
def test_round_trip_of_numbered_images(table_format, tags):
    assert TagSet(table_format.decode_tag_rows(table_format.encode(tags.to_columns()), "tags")) == tags


@ALL
@given(tags=tag_sets(NAMES))
def test_round_trip_of_named_images(table_format, tags):
    if not table_format.holds_names:
        with pytest.raises(InputError, match="by number, not by name"):
            table_format.encode(tags.to_columns())
        return
    assert TagSet(table_format.decode_tag_rows(table_format.encode(tags.to_columns()), "tags")) == tags


@FLAT
def test_round_trip_of_other_tables(table_format):
    table = pa.table({"image": ["a, b.jpg", "ä.jpg"], "mood": ["awe", "fear"], "probability": [0.5, 0.25]})
    assert table_format.decode_table(table_format.encode(columns_of(table))).to_pylist() == table.to_pylist()


@ALL
@given(content=st.binary(max_size=200))
def test_any_bytes_give_rows_or_one_line(table_format, content):
    try:
        table = table_format.decode_tag_rows(content, "tags")
        TagSet(table)
    except TableError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017


@ALL
@given(data=st.data())
def test_damaged_files_give_rows_or_one_line(table_format, data):
    content = bytearray(table_format.encode(TAGS.to_columns()))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        TagSet(table_format.decode_tag_rows(bytes(content), "tags"))
    except TableError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017


@ALL
@given(tags=tag_sets(NUMBERS), compression=st.sampled_from(["", *COMPRESSIONS]))
def test_files_in_parts_have_the_rows_of_whole_files(table_format, tags, compression):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"tags{table_format.extensions[0]}{compression}"
        tables.write(tags, path)
        parts = [row for part in tables.read_batches(path) for row in part.table.to_pylist()]
        assert [{**row, "image": int(row["image"])} for row in parts] == tables.read(path).table.to_pylist()


@FLAT
def test_content_that_is_not_a_table_is_an_error_of_arrow(table_format):
    with pytest.raises((pa.ArrowException, OSError)):
        table_format.decode_table(b"" if table_format.name == "csv" else b"\x89PNG\r\n\x1a\n\x00")
