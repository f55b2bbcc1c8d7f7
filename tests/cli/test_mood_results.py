from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagemood.cli.mood_results import read_moods
from imagemood.errors import TableError

RESULTS = [
    {"image": "a.jpg", "moods": {"awe": 0.75, "fear": 0.25}, "affect": None, "tags": {}},
    {"image": "b.jpg", "error": {"title": "", "status": 422, "detail": "cannot be decoded"}},
    {"image": "c.jpg", "moods": {"awe": 1}},
]
MOODS = [("a.jpg", {"awe": 0.75, "fear": 0.25}), ("c.jpg", {"awe": 1.0})]


@pytest.mark.parametrize("indent", [None, 2])
def test_response_of_the_service(tmp_path, indent):
    response = {"model": {"name": "default", "hash": "0"}, "results": RESULTS}
    (tmp_path / "moods.json").write_text(json.dumps(response, indent=indent))
    assert list(read_moods(str(tmp_path / "moods.json"))) == MOODS


def test_lines_of_json(tmp_path):
    (tmp_path / "moods.json").write_text("\n".join(map(json.dumps, RESULTS)) + "\n\n")
    assert list(read_moods(str(tmp_path / "moods.json"))) == MOODS
    (tmp_path / "moods.json").write_text(json.dumps(RESULTS[0]))
    assert list(read_moods(str(tmp_path / "moods.json"))) == MOODS[:1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"results": [{"image": "a.jpg"}, {"image": 3}]}', "moods.json, field '[1].image': expected text"),
        ('{"results": {}}', "moods.json: expected a list, got an object"),
        ('{"image": "a.jpg"}\n{"image": 3}', "moods.json, row 2, field 'image'"),
        ('{"results": [', "moods.json, row 1: not valid JSON"),
    ],
)
def test_damaged_json(tmp_path, content, message):
    (tmp_path / "moods.json").write_text(content)
    with pytest.raises(TableError) as error:
        list(read_moods(str(tmp_path / "moods.json")))
    assert message in str(error.value)


HEADER = "image,mood,probability\n"


@pytest.mark.parametrize(
    "content",
    [
        "image,mood,probability\na.jpg,awe,0.75\nc.jpg,awe,1\na.jpg,fear,0.25\n",
        "\ufeffprobability,image,note,mood\r\n0.75,a.jpg,,awe\r\n\r\n.25,a.jpg,x,fear\r\n1e0,c.jpg,y,awe\r\n",
    ],
)
def test_csv(tmp_path, content):
    (tmp_path / "moods.csv").write_text(content, newline="")
    assert list(read_moods(str(tmp_path / "moods.csv"))) == MOODS


def test_parquet(tmp_path):
    columns = {
        "image": ["a.jpg", "a.jpg", "c.jpg"],
        "mood": ["awe", "fear", "awe"],
        "probability": [0.75, 0.25, 1],
    }
    pq.write_table(pa.table({**columns, "valence": [0.5] * 3}), tmp_path / "moods.parquet")
    assert list(read_moods(str(tmp_path / "moods.parquet"))) == MOODS
    pq.write_table(pa.table({**columns, "mood": ["awe", None, "awe"]}), tmp_path / "moods.parquet")
    with pytest.raises(TableError, match=r"moods\.parquet, row 2, field 'mood': missing value"):
        list(read_moods(str(tmp_path / "moods.parquet")))
    pq.write_table(pa.table({"image": ["a.jpg"]}), tmp_path / "moods.parquet")
    with pytest.raises(TableError, match=r"moods\.parquet: missing column 'mood'"):
        list(read_moods(str(tmp_path / "moods.parquet")))


@pytest.mark.parametrize("content", [HEADER + "a.jpg,awe,0.75\na.jpg,fear,0.25\n", json.dumps(RESULTS[0])])
def test_standard_input_may_be_csv_or_json(monkeypatch, content):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    assert list(read_moods("-")) == MOODS[:1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "moods.csv: missing column 'image' (write it with imagemood classify)"),
        ((HEADER + "a.jpg,awe,1\n").encode("utf-16"), "moods.csv: not valid UTF-8 text (save the table in UTF-8)"),
        ((HEADER + "größe.jpg,awe,1\n").encode("latin-1"), "moods.csv: not valid UTF-8 text (save the table in"),
        (b"image;mood;probability\na.jpg;awe;1\n", "moods.csv: the fields are separated by semicolons (separate"),
        (b"image,mood,mood,probability\na.jpg,a,b,1\n", "moods.csv: 2 columns are called 'mood' (rename the"),
        (b"image,mood,probability\na.jpg,awe\n", "moods.csv, row 1: wrong number of fields: 2 instead of 3"),
        (b"image,mood,probability\na.jpg,awe,\n", "moods.csv, row 1, field 'probability': missing value"),
        (
            b"image,mood,probability\na,b,1\na,c,56\n",
            "row 2, field 'probability': 56.0 is not a number from 0 to 1",
        ),
        (b"image,mood,probability\na,b,nan\n", "row 1, field 'probability': nan is not a number from 0 to 1"),
    ],
)
def test_csv_that_cannot_be_read(tmp_path, content, message):
    (tmp_path / "moods.csv").write_bytes(content)
    with pytest.raises(TableError) as error:
        list(read_moods(str(tmp_path / "moods.csv")))
    assert message in str(error.value)
