from __future__ import annotations

import json

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
