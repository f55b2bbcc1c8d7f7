"""Tag rows read in parts."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood import tables
from imagemood.errors import TagFileError
from imagemood.tables.tag_set import TagSet


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr("imagemood.tables.csv._BLOCK", 200)
    monkeypatch.setattr("imagemood.tables.batches._N_ROWS", 7)


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "csv.bz2", "csv.zst", "csv.xz", "jsonl", "parquet", "pb"])
def test_parts_are_the_whole(tmp_path, small_parts, ending):
    rows = [(i // 3, f'tag "{i % 5}", x', (i % 4) / 4) for i in range(90)]
    tables.write(TagSet.from_rows(*zip(*rows, strict=True)), tmp_path / f"tags.{ending}")
    parts = list(tables.read_batches(tmp_path / f"tags.{ending}"))
    assert len(parts) > 5 or ending in {"jsonl", "pb", "csv.xz"}
    together = [(int(row["image"]), row["tag"], row["score"]) for part in parts for row in part.table.to_pylist()]
    assert together == rows


def test_no_header(tmp_path, small_parts):
    (tmp_path / "tags.csv").write_text("\ufeff" + "".join(f"{i},cat,0.5\n" for i in range(40)))
    parts = list(tables.read_batches(tmp_path / "tags.csv"))
    assert [image for part in parts for image in part.images] == [str(i) for i in range(40)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("33,cat,1.5", "row 34, field 'score'"),
        ("33,cat,much", "row 34, field 'score': is 'much', not a number"),
        ("33,cat", "row 34: has 2 fields, not 3"),
        ("33,,0.5", "row 34, field 'tag'"),
    ],
)
@pytest.mark.parametrize("header", ["", "image,tag,score\n"])
def test_faults_far_into_the_file_are_placed(tmp_path, small_parts, row, message, header):
    lines = [f"{i},cat,0.5" for i in range(60)]
    lines[33] = row
    (tmp_path / "tags.csv").write_text(header + "\n".join(lines) + "\n")
    with pytest.raises(TagFileError, match=message):
        list(tables.read_batches(tmp_path / "tags.csv"))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("tags.csv", b"", "has no rows"),
        ("tags.csv", b"image,tag,score\n", "has no rows"),
        ("tags.csv", b"image,tag\n1,cat\n", "no column 'score'"),
        ("tags.csv.gz", b"no gzip", "is not what its ending|cannot be read"),
        ("tags.parquet", b"no parquet", "is no Parquet file"),
    ],
)
def test_files_that_are_none(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TagFileError, match=message):
        list(tables.read_batches(tmp_path / name))


@pytest.mark.parametrize("name", ["tags.csv", "tags.parquet"])
def test_a_file_that_is_not_there(tmp_path, name):
    with pytest.raises(TagFileError, match="cannot be read: .*No such file"):
        list(tables.read_batches(tmp_path / name))


def test_a_parquet_file_without_a_column(tmp_path):
    pq.write_table(pa.table({"image": [1], "tag": ["cat"]}), tmp_path / "tags.parquet")
    with pytest.raises(TagFileError, match="no column 'score'"):
        list(tables.read_batches(tmp_path / "tags.parquet"))
