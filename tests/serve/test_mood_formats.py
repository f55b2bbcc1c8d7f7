from __future__ import annotations

import csv
import io
import json

import pytest


@pytest.fixture(scope="module")
def files(photos):
    return [("a", ("comma, ü.jpg", photos["rocket.jpg"])), ("b", ("broken.png", b"no picture"))]


def test_each_format_has_the_same_results(service, files):
    url = "/v1/moods?top=2"
    expected = service.post(url, files=files)
    assert expected.headers["Content-Type"] == "application/json"
    results = expected.json()["results"]
    lines = service.post(url, files=files, headers={"Accept": "application/x-ndjson"})
    assert lines.headers["Content-Type"] == "application/x-ndjson"
    assert [json.loads(line) for line in lines.text.splitlines()] == results
    table = service.post(url, files=files, headers={"Accept": "application/json;q=0.3, text/csv"})
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["image"] for row in rows] == ["comma, ü.jpg", "comma, ü.jpg", "broken.png"]
    assert {row["mood"]: float(row["probability"]) for row in rows[:2]} == results[0]["moods"]
    assert (rows[2]["mood"], rows[2]["error"]) == ("", results[1]["error"]["detail"])
    assert "Accept" in expected.headers["Vary"].split(", ")


def test_a_format_that_no_response_has_is_refused(service):
    for accept in ("image/png", "application/json;q=0", "text/html, application/xml"):
        response = service.post("/v1/moods", content=b"no picture", headers={"Accept": accept})
        assert response.status_code == 406
        assert response.json()["detail"].endswith("can be application/json, application/x-ndjson, text/csv")
    response = service.post("/v1/moods?tags=3", content=b"no picture", headers={"Accept": "text/csv"})
    assert (response.status_code, response.json()["detail"][:8]) == (422, "text/csv")
    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    assert service.post("/v1/moods", content=b"no picture", headers={"Accept": browser}).status_code == 422
