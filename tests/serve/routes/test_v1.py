from __future__ import annotations

import base64
import io
import subprocess
import sys

import numpy as np
import PIL.Image
import pyarrow.parquet as pq
import pytest

from imagemood.models import model_directory
from imagemood.models.model_hash import model_hash
from imagemood.prediction import heatmap

JPEG = {"Content-Type": "image/jpeg"}


def the_only(answer):
    assert answer.status_code == 200, answer.text
    (result,) = answer.json()["results"]
    return result


def test_every_way_in_gives_the_numbers_of_the_cascade(service, cascade, photos):
    for name, content in photos.items():
        expected = cascade.classify(content)
        bodies = [
            {"content": content, "headers": JPEG},
            {"content": content, "headers": {"Content-Type": "application/octet-stream"}},
            {"content": content},
            {"files": [("anything", (name, content))]},
            {"json": {"images": [{"name": name, "base64": base64.b64encode(content).decode()}]}},
        ]
        for body in bodies:
            result = the_only(service.post("/v1/moods?tags=5", **body))
            assert result["moods"] == pytest.approx(expected.moods, abs=1e-6)
            assert list(result["moods"].values()) == sorted(result["moods"].values(), reverse=True)
            assert result["tags"] == pytest.approx(dict(list(expected.tags.items())[:5]), abs=1e-6)
            assert result["affect"] == pytest.approx(vars(expected.affect), abs=1e-6)
            assert result["image"] in (name, "image")
            assert "explanation" not in result


def test_several_pictures_come_back_in_order_and_a_bad_one_does_not_harm_them(service, cascade, photos):
    files = [("f", (name, content)) for name, content in photos.items()]
    files.insert(1, ("f", ("broken.jpg", b"\xff\xd8 no picture")))
    answer = service.post("/v1/moods?top=1", files=files)
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["image"] for result in results] == ["chelsea.png", "broken.jpg", "rocket.jpg", "coffee.png"]
    assert results[1]["error"] == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "broken.jpg: is no picture in a known format",
    }
    for result in (results[0], *results[2:]):
        expected = cascade.classify(photos[result["image"]])
        assert result["moods"] == pytest.approx({expected.mood: expected.moods[expected.mood]}, abs=1e-6)
        assert result["tags"] == {}


def test_a_single_bad_picture_is_a_problem(service):
    answer = service.post("/v1/moods", content=b"text", headers=JPEG)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "image: is no picture in a known format"


def test_explanation_by_tags_and_map(service, cascade, photos):
    content = photos["rocket.jpg"]
    result = cascade.classify(content)
    for mood in (None, "fear"):
        expected = cascade.explain(result, mood)
        query = "explain=all" + (f"&mood={mood}" if mood else "")
        told = the_only(service.post(f"/v1/moods?{query}", content=content, headers=JPEG))["explanation"]
        assert told["mood"] == expected.mood
        assert len(told["drops"]) == 10
        strongest = sorted(expected.tag_drops.items(), key=lambda entry: -abs(entry[1]))[:10]
        assert told["drops"] == pytest.approx(dict(strongest), abs=1e-6)
        kind, _, data = told["map"].partition(",")
        assert kind == "data:image/png;base64"
        drawn = np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(data))))
        assert drawn.shape == (224, 224, 4)
        assert np.abs(drawn.astype(int) - heatmap.render(expected.heat_map, (224, 224))).max() <= 1


def test_tags_or_the_map_alone_are_explained(service, photos):
    ask = {"content": photos["coffee.png"], "headers": JPEG}
    by_tags = the_only(service.post("/v1/moods?explain=tags&tags=3", **ask))["explanation"]
    assert len(by_tags["drops"]) == 3
    assert by_tags["map"] is None
    by_map = the_only(service.post("/v1/moods?explain=map", **ask))["explanation"]
    assert by_map["drops"] == {}
    assert by_map["map"].startswith("data:image/png;base64,")


def test_what_if_tags_were_not_there(service, cascade, photos):
    content = photos["chelsea.png"]
    result = cascade.classify(content)
    gone = list(result.tags)[:2]
    told = the_only(service.post("/v1/moods", params={"without": gone, "tags": 3}, content=content))
    scores = result.scores.copy()
    for tag in gone:
        scores[result.tag_labels.index(tag)] = 0
    moods = model_directory.load()
    (expected,) = moods.predict(scores[np.newaxis], result.embedding[np.newaxis])
    assert told["moods"] == pytest.approx(dict(zip(moods.labels, expected, strict=True)), abs=1e-6)
    assert told["moods"] != pytest.approx(result.moods, abs=1e-3)
    assert list(told["tags"]) == list(result.tags)[2:5]


def test_labels(service, cascade):
    labels = service.get("/v1/labels").json()
    order = ["amusement", "excitement", "awe", "contentment", "sadness", "fear", "disgust", "anger"]
    assert [entry["mood"] for entry in labels["moods"]] == order
    assert [entry["positive"] for entry in labels["moods"]] == [True] * 4 + [False] * 4
    assert labels["tags"] == list(cascade.tagger.labels)
    assert labels["limits"] == {"max_bytes": 20_000_000, "max_pixels": 50_000_000, "max_images": 32}
    assert labels["model"]["name"] == "default"


def test_a_dataset_has_the_same_models_under_the_same_hash(service, photos, tmp_path):
    (tmp_path / "chelsea.png").write_bytes(photos["chelsea.png"])
    command = [sys.executable, "-m", "imagemood", "bulk", "chelsea.png", "-o", "moods"]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    (row,) = pq.read_table(tmp_path / "moods").to_pylist()
    answer = service.post("/v1/moods", content=photos["chelsea.png"]).json()
    assert answer["model"]["hash"] == row["model"] == model_hash()
    assert service.get("/v1/labels").json()["model"] == answer["model"]


@pytest.mark.parametrize(
    ("query", "body", "status", "said"),
    [
        ("top=0", {"content": b"x"}, 422, "query.top: input should be greater than or equal to 1"),
        ("explain=magic", {"content": b"x"}, 422, "query.explain"),
        ("mood=nostalgia", {"content": b"x"}, 422, "no mood 'nostalgia'"),
        ("without=yeti", {"content": b"x"}, 422, "no tag 'yeti'"),
        ("", {"content": b""}, 422, "is empty"),
        ("", {"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415, "Content-Type is text/plain"),
        ("", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 422, "the body is no JSON"),
        ("", {"json": {"images": []}}, 422, "images: list should have at least 1 item"),
        ("", {"json": {"images": [{}]}}, 422, "each picture is given by base64 or by url"),
        ("", {"json": {"images": [{"base64": "%%%"}]}}, 422, "a picture is no base64"),
        ("", {"json": {"images": [{"url": "http://127.0.0.1/"}]}}, 422, "this service fetches no URLs"),
        ("", {"data": {"a": "b"}, "files": {"a": ("a", b"")}}, 422, "is empty"),
        (
            "",
            {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
            422,
            "the body is no multipart/form-data",
        ),
    ],
)
def test_what_cannot_be_asked(service, query, body, status, said):
    answer = service.post(f"/v1/moods?{query}", **body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert said in answer.json()["detail"]


def test_a_picture_of_the_corpus_of_bad_ones_is_refused_and_the_service_lives(service):
    from pathlib import Path

    for path in sorted((Path(__file__).parents[2] / "corpus" / "bad").iterdir()):
        answer = service.post("/v1/moods", content=path.read_bytes(), headers=JPEG)
        assert answer.status_code == 422, path.name
    assert service.get("/healthz").text == "ok\n"
