from __future__ import annotations

import json

import pytest

from imagemood.bulk.dataset_info import DatasetInfo, Summary, parse_info
from imagemood.errors import InputError

FIRST_FORMAT = """{
 "format": 1,
 "source": "größe/photos",
 "column": null,
 "holds_files": false,
 "folder": "/home/someone",
 "labels": [
  "awe",
  "fear"
 ],
 "model": "abc",
 "options": {
  "n_tags": 3,
  "embedding": true,
  "features": false,
  "n_views": 1,
  "rows_per_file": null
 },
 "n_pictures": 25,
 "n_files": 7
}
"""
"""The description as all versions have written it."""


def changed(**fields):
    return json.dumps({**json.loads(FIRST_FORMAT), **fields}).encode()


def test_descriptions_of_all_versions_are_read_and_written_alike():
    info = parse_info(FIRST_FORMAT.encode(), "moods/_imagemood.json")
    assert info == DatasetInfo(
        source="größe/photos",
        column=None,
        names_are_rows=False,
        folder="/home/someone",
        labels=["awe", "fear"],
        model="abc",
        options={"n_tags": 3, "embedding": True, "features": False, "n_views": 1, "rows_per_file": None},
        n_pictures=25,
        n_files=7,
    )
    assert info.to_json().decode() == FIRST_FORMAT


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "moods/_imagemood.json: not valid JSON"),
        (b"{", "moods/_imagemood.json: not valid JSON"),
        (
            b"[]",
            "moods/_imagemood.json: expected an object, got a list (remove this file and run imagemood bulk again",
        ),
        (b"{}", "moods/_imagemood.json: missing field 'format' (remove this file"),
        (b"[" * 100_000, "moods/_imagemood.json: expected an object, got a list"),
        (changed()[:-1] + b', "format": 1}', "moods/_imagemood.json: the key 'format' occurs twice"),
        (changed(format=2), "moods/_imagemood.json: unsupported format 2, not 1 (give another folder)"),
        (changed(n_files="7"), "moods/_imagemood.json, field 'n_files': expected an integer, got text"),
        (changed(labels=["awe", 1]), "moods/_imagemood.json, field 'labels[1]': expected text, got an integer"),
        (changed(author="me"), "moods/_imagemood.json: unknown field 'author'"),
        (b'{"format": 1, "source": "photos"}', "moods/_imagemood.json: missing field 'column'"),
    ],
)
def test_damaged_descriptions_are_errors(content, message):
    with pytest.raises(InputError) as caught:
        parse_info(content, "moods/_imagemood.json")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("folder", "source", "absolute"),
    [
        ("/data", "photos", "/data/photos"),
        ("/data", "photos/../more/", "/data/more"),
        ("/data", "/photos", "/photos"),
        ("/data", "s3://bucket/photos/../x", "s3://bucket/photos/../x"),
        ("/data", "https://example.org/list.csv", "https://example.org/list.csv"),
    ],
)
def test_the_source_as_an_absolute_path(folder, source, absolute):
    assert parse_info(changed(folder=folder, source=source), "x").absolute_source == absolute


def test_the_number_of_failed_pictures():
    summary = Summary(9, {"awe": 4}, {"empty file": 3, "temporarily unavailable": 2}, {})
    assert summary.n_failed == 5
    assert Summary(1, {"awe": 1}, {}, {}).n_failed == 0
