from __future__ import annotations

import PIL.Image
import pytest

from imagemood.pictures import endings


def test_every_picture_ending_is_one_that_pillow_reads():
    PIL.Image.init()
    readable = {ending for ending, kind in PIL.Image.registered_extensions().items() if kind in PIL.Image.OPEN}
    assert readable >= endings.PICTURE_ENDINGS


@pytest.mark.parametrize("name", ["a.jpg", "folder.d/A.JPEG", "s3://bucket/a.b.webp", "ü.Png"])
def test_pictures(name):
    assert endings.is_picture(name)


@pytest.mark.parametrize("name", ["a", "jpg", ".jpg", "a.jpg/b", "a.jpg.gz", "a.txt", "a.csv"])
def test_other_files(name):
    assert not endings.is_picture(name)


@pytest.mark.parametrize(
    ("name", "table_format", "compression"),
    [
        ("a.parquet", "parquet", None),
        ("a.PQ", "parquet", None),
        ("a.csv", "csv", None),
        ("a.csv.gz", "csv", "gzip"),
        ("a.CSV.BZ2", "csv", "bz2"),
        ("a.jsonl.zst", "json", "zstd"),
        ("a.ndjson", "json", None),
        ("a.json", None, None),
        ("a.gz", None, "gzip"),
        ("csv", None, None),
    ],
)
def test_tables(name, table_format, compression):
    assert endings.table_format(name) == table_format
    assert endings.compression(name) == compression
