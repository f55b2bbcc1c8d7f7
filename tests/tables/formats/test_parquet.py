from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood import tables
from imagemood.errors import TableError
from imagemood.tables.formats.parquet import FORMAT
from imagemood.tables.tag_set import TagSet

TAGS = TagSet.from_rows(["a.jpg", "b.jpg"], ["cat", "Ätna"], [0.5, 1 / 3])


def test_pandas_reads_what_is_written():
    frame = pd.read_parquet(io.BytesIO(FORMAT.encode(TAGS.to_columns())))
    assert frame.to_dict("list") == TAGS.table.to_pydict()


def test_reads_what_pandas_writes():
    sink = io.BytesIO()
    frame = pd.DataFrame({"note": [1, 2], **TAGS.table.to_pydict()})
    frame["tag"] = frame["tag"].astype("category")
    frame["score"] = frame["score"].astype("float32")
    frame.to_parquet(sink)
    read = TagSet(FORMAT.decode_tag_rows(sink.getvalue(), "t.parquet"))
    assert read.to_matrix(["cat", "Ätna"]).values.tolist() == TAGS.to_matrix(["cat", "Ätna"]).values.tolist()
    assert read.images == ["a.jpg", "b.jpg"]


def test_compression_inside_the_file():
    metadata = pq.read_metadata(io.BytesIO(FORMAT.encode(TAGS.to_columns())))
    assert metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("content", [b"", b"image,tag,score\n", b"PAR1", FORMAT.encode(TAGS.to_columns())[:-1]])
def test_invalid_file(write, content):
    with pytest.raises(TableError, match="^t.parquet: not a valid Parquet file$"):
        FORMAT.decode_tag_rows(content, "t.parquet")
    with pytest.raises(TableError, match="not a valid Parquet file$"):
        list(tables.read_batches(write("t.parquet", content)))


def test_text_that_is_not_utf8(write):
    buffers = [None, pa.py_buffer(np.int32([0, 2]).tobytes()), pa.py_buffer(b"\xff\xfe")]
    table = pa.table({"image": [1], "tag": pa.Array.from_buffers(pa.string(), 1, buffers), "score": [0.5]})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    path = write("t.parquet", sink.getvalue())
    for read in (tables.read, lambda path: list(tables.read_batches(path))):
        with pytest.raises(TableError, match="not a valid Parquet file$"):
            read(path)


def test_batches_of_a_long_file(tmp_path, monkeypatch):
    monkeypatch.setattr("imagemood.tables.formats.parquet._ROWS_PER_BATCH", 7)
    tags = TagSet.from_rows(range(40), ["cat"] * 40, [0.5] * 40)
    tables.write(tags, tmp_path / "tags.parquet")
    parts = list(tables.read_batches(tmp_path / "tags.parquet"))
    assert [len(part) for part in parts] == [7, 7, 7, 7, 7, 5]
    assert [image for part in parts for image in part.images] == list(range(40))


def test_compressed_files_are_read_as_a_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("imagemood.tables.formats.parquet._ROWS_PER_BATCH", 1)
    tables.write(TAGS, tmp_path / "tags.parquet.gz")
    assert list(tables.read_batches(tmp_path / "tags.parquet.gz")) == [TAGS]


def test_invalid_row_far_into_a_file_is_numbered_from_its_beginning(tmp_path, monkeypatch):
    monkeypatch.setattr("imagemood.tables.formats.parquet._ROWS_PER_BATCH", 7)
    scores = [0.5] * 33 + [2.0] + [0.5] * 5
    pq.write_table(pa.table({"image": range(39), "tag": ["a"] * 39, "score": scores}), tmp_path / "t.parquet")
    with pytest.raises(TableError, match="row 34, field 'score': 2.0 is not a number from 0 to 1"):
        list(tables.read_batches(tmp_path / "t.parquet"))


def test_missing_column(tmp_path):
    pq.write_table(pa.table({"image": [1], "tag": ["cat"]}), tmp_path / "tags.parquet")
    for read in (tables.read, lambda path: list(tables.read_batches(path))):
        with pytest.raises(TableError, match="missing column 'score'"):
            read(tmp_path / "tags.parquet")


def test_columns_with_the_same_name(tmp_path):
    path = tmp_path / "tags.parquet"
    columns = [pa.array([0]), pa.array(["cat"]), pa.array(["dog"]), pa.array([0.5])]
    pq.write_table(pa.table(columns, names=["image", "tag", "tag", "score"]), path)
    for read in (tables.read, lambda path: list(tables.read_batches(path))):
        with pytest.raises(TableError, match=r"tags\.parquet: 2 columns are called 'tag' \(rename the others\)"):
            read(path)
    pq.write_table(pa.table(columns, names=["image", "x", "tag", "score"]).append_column("x", columns[0]), path)
    assert list(tables.read(path).to_columns()["tag"].values) == ["dog"]
    assert [len(part) for part in tables.read_batches(path)] == [1]
