from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagemood.pictures.reading import addresses, urls

names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
schemes = st.sampled_from(["s3", "gs", "az", "abfs", "abfss", "S3", "Gs"])
web_schemes = st.sampled_from(["http", "https", "HTTP", "Https"])


@given(schemes, paths)
def test_object_stores_are_recognised_by_their_scheme(scheme, path):
    assert addresses.is_object_store(f"{scheme}://{path}")
    assert not urls.is_web(f"{scheme}://{path}")


@given(web_schemes, paths)
def test_urls_are_recognised_by_their_scheme(scheme, path):
    assert urls.is_web(f"{scheme}://{path}")
    assert not addresses.is_object_store(f"{scheme}://{path}")


@given(paths)
def test_paths_are_neither_urls_nor_in_stores(path):
    for address in (path, f"/{path}", f"./{path}", f"s3:/{path}", f"http:x{path}"):
        assert not urls.is_web(address)
        assert not addresses.is_object_store(address)


@given(paths, names)
def test_join_adds_one_slash(folder, name):
    assert addresses.join(folder, name) == addresses.join(folder + "/", name) == f"{folder}/{name}"
    assert addresses.join(folder, name) == os.path.join(folder, name)  # noqa: PTH118


@given(paths, paths, st.one_of(schemes, web_schemes))
def test_only_relative_paths_depend_on_the_folder(folder, path, scheme):
    assert addresses.absolute(f"/{folder}", path) == f"/{folder}/{path}"
    for address in (f"/{path}", f"{scheme}://{path}"):
        assert addresses.absolute(f"/{folder}", address) == address
    assert addresses.absolute("", path) == path


@pytest.mark.parametrize("name", ["a.jpg", "folder.d/A.JPEG", "s3://bucket/a.b.webp", "ü.Png"])
def test_pictures_are_recognised_by_their_extension(name):
    assert addresses.is_picture(name)


@pytest.mark.parametrize("name", ["a", "jpg", ".jpg", "a.jpg/b", "a.jpg.gz", "a.txt", "a.csv"])
def test_other_files_are_not_pictures(name):
    assert not addresses.is_picture(name)


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
        ("https://example.org/a.csv.gz?download=true", "csv", "gzip"),
        ("https://example.org/a.parquet#top", "parquet", None),
        ("https://example.org/a?file=b.csv", None, None),
        (" <https://example.org/a.jsonl> ", "json", None),
        ("a.csv?download=true", None, None),
    ],
)
def test_formats_of_tables_and_compressed_files(name, table_format, compression):
    assert addresses.table_format(name) == table_format
    assert addresses.compression(name) == compression
