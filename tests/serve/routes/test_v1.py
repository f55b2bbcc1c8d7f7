from __future__ import annotations

import base64
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pyarrow.parquet as pq
import pytest

from imagemood.errors import ImageError
from imagemood.models import model_directory
from imagemood.models.model_hash import model_hash
from imagemood.pictures.picture import Picture
from imagemood.prediction import affect, heatmap

JPEG = {"Content-Type": "image/jpeg"}


def only_result(response):
    assert response.status_code == 200, response.text
    (result,) = response.json()["results"]
    return result


def decoding_error(content):
    """Return the error of a picture without its name, which the response contains in another field."""
    with pytest.raises(ImageError) as caught:
        Picture.from_bytes(content).decode()
    return caught.value.message


def test_every_kind_of_body_gives_the_predictions_of_the_cascade(service, cascade, photos):
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
            result = only_result(service.post("/v1/moods?tags=5", **body))
            assert result["moods"] == pytest.approx(expected.moods, abs=1e-6)
            assert list(result["moods"].values()) == sorted(result["moods"].values(), reverse=True)
            assert result["tags"] == pytest.approx(dict(list(expected.tags.items())[:5]), abs=1e-6)
            assert result["affect"] == pytest.approx(vars(expected.affect), abs=1e-6)
            assert result["image"] in (name, "image")
            assert "explanation" not in result


def test_a_bad_picture_among_several_is_an_error_of_its_own(service, cascade, photos):
    files = [("f", (name, content)) for name, content in photos.items()]
    broken = b"\xff\xd8 not a picture"
    files.insert(1, ("f", ("broken.jpg", broken)))
    response = service.post("/v1/moods?top=1", files=files)
    assert response.status_code == 200
    results = response.json()["results"]
    assert [result["image"] for result in results] == ["chelsea.png", "broken.jpg", "rocket.jpg", "coffee.png"]
    assert results[1]["error"] == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": decoding_error(broken),
    }
    for result in (results[0], *results[2:]):
        expected = cascade.classify(photos[result["image"]])
        assert result["moods"] == pytest.approx({expected.mood: expected.moods[expected.mood]}, abs=1e-6)
        assert result["tags"] == {}


def test_a_single_bad_picture_is_a_problem(service):
    response = service.post("/v1/moods", content=b"text", headers=JPEG)
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == decoding_error(b"text")


def test_explanation_by_tags_and_map(service, cascade, photos):
    content = photos["rocket.jpg"]
    result = cascade.classify(content)
    for mood in (None, "fear"):
        expected = cascade.explain(result, mood)
        query = "explain=all" + (f"&mood={mood}" if mood else "")
        response = service.post(f"/v1/moods?{query}", content=content, headers=JPEG)
        explanation = only_result(response)["explanation"]
        assert explanation["mood"] == expected.mood
        assert len(explanation["drops"]) == 10
        strongest = sorted(expected.tag_drops.items(), key=lambda entry: -abs(entry[1]))[:10]
        assert explanation["drops"] == pytest.approx(dict(strongest), abs=1e-6)
        media_type, _, data = explanation["map"].partition(",")
        assert media_type == "data:image/png;base64"
        drawn = np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(data))))
        assert drawn.shape == (224, 224, 4)
        assert np.abs(drawn.astype(int) - heatmap.render(expected.heat_map, (224, 224))).max() <= 1


def test_explanation_by_tags_or_map_alone(service, photos):
    request = {"content": photos["coffee.png"], "headers": JPEG}
    by_tags = only_result(service.post("/v1/moods?explain=tags&tags=3", **request))["explanation"]
    assert len(by_tags["drops"]) == 3
    assert by_tags["map"] is None
    by_map = only_result(service.post("/v1/moods?explain=map", **request))["explanation"]
    assert by_map["drops"] == {}
    assert by_map["map"].startswith("data:image/png;base64,")


def test_moods_without_some_tags(service, cascade, photos):
    content = photos["chelsea.png"]
    result = cascade.classify(content)
    removed = list(result.tags)[:2]
    query = {"without": removed, "tags": 3, "explain": "tags"}
    changed = only_result(service.post("/v1/moods", params=query, content=content))
    scores = result.scores.copy()
    for tag in removed:
        scores[result.tag_labels.index(tag)] = 0
    by_tags = model_directory.load("tags")
    (expected,) = by_tags.predict(scores[np.newaxis])
    alone = changed["explanation"]["tags_alone"]
    assert alone == pytest.approx(dict(zip(by_tags.labels, expected, strict=True)), abs=1e-6)
    assert alone != pytest.approx(cascade.explain(result).tags_alone, abs=1e-3)
    assert changed["moods"] == pytest.approx(result.moods, abs=1e-6)
    assert list(changed["tags"]) == list(result.tags)[2:5]


def test_moods_from_the_tags_alone(service, cascade, photos):
    content = photos["chelsea.png"]
    result = cascade.classify(content)
    removed = list(result.tags)[:2]
    with_all_tags = cascade.explain(result)
    without_two = cascade.explain(cascade.classify_without_tags(result, removed))
    for without, expected in (([], with_all_tags), (removed, without_two)):
        query = {"without": without, "tags_only": True, "explain": "all"}
        response = service.post("/v1/moods", params=query, content=content)
        found = only_result(response)
        assert found["moods"] == pytest.approx(expected.tags_alone, abs=1e-6)
        assert found["affect"] == pytest.approx(vars(affect.affect_of(expected.tags_alone)), abs=1e-6)
        explanation = found["explanation"]
        assert explanation["mood"] == next(iter(expected.tags_alone))
        assert explanation["map"] is explanation["map_range"] is explanation["tags_alone"] is None
        drops = cascade.explain(expected.result, explanation["mood"]).tag_drops
        assert explanation["drops"] == pytest.approx({tag: drops[tag] for tag in explanation["drops"]}, abs=1e-6)
        assert response.json()["model"] == {"name": "tags", "hash": model_hash("tags")}


def test_labels(service, cascade):
    labels = service.get("/v1/labels").json()
    order = ["amusement", "excitement", "awe", "contentment", "sadness", "fear", "disgust", "anger"]
    assert [entry["mood"] for entry in labels["moods"]] == order
    assert [entry["positive"] for entry in labels["moods"]] == [True] * 4 + [False] * 4
    assert labels["tags"] == list(cascade.tagger.labels)
    assert labels["limits"] == {
        "max_bytes": 20_000_000,
        "max_pixels": 50_000_000,
        "max_images": 32,
        "accepts_urls": False,
    }
    assert labels["model"]["name"] == "default"
    assert labels["tags_only"] is True


def test_a_dataset_has_the_same_model_hash(service, photos, tmp_path):
    (tmp_path / "chelsea.png").write_bytes(photos["chelsea.png"])
    command = [sys.executable, "-m", "imagemood", "bulk", "chelsea.png", "-o", "moods"]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    (row,) = pq.read_table(tmp_path / "moods").to_pylist()
    response = service.post("/v1/moods", content=photos["chelsea.png"]).json()
    assert response["model"]["hash"] == row["model"] == model_hash()
    assert service.get("/v1/labels").json()["model"] == response["model"]


@pytest.mark.parametrize(
    ("query", "body", "status", "message"),
    [
        ("top=0", {"content": b"x"}, 422, "query.top: input should be greater than or equal to 1"),
        ("tags=-1", {"content": b"x"}, 422, "query.tags: input should be greater than or equal to 0"),
        ("explain=magic", {"content": b"x"}, 422, "query.explain: input should be 'tags', 'map' or 'all'"),
        ("mood=nostalgia", {"content": b"x"}, 422, "mood: no mood 'nostalgia' (choose one of "),
        ("without=yeti", {"content": b"x"}, 422, "without: no tag 'yeti' (GET /v1/labels lists the tags)"),
        (
            "&".join(["without=pier"] * 1001),
            {"content": b"x"},
            422,
            "query.without: list should have at most 1000",
        ),
        ("", {"content": b""}, 422, "empty file"),
        ("", {"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415, "Content-Type: text/plain"),
        ("", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 422, "is not valid JSON"),
        ("", {"json": {"images": [{"base64": "%%%"}]}}, 422, "a picture is not valid base64"),
        ("", {"json": {"images": [{"url": "http://127.0.0.1/"}]}}, 422, "fetching pictures by URL is disabled"),
        ("", {"data": {"a": "b"}, "files": {"a": ("a", b"")}}, 422, "empty file"),
        ("", {"data": {"a": "b"}, "files": {}, "headers": {}}, 422, "unsupported image format"),
    ],
)
def test_invalid_requests_are_refused(service, query, body, status, message):
    response = service.post(f"/v1/moods?{query}", **body)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert message in response.json()["detail"]


def test_malformed_pictures_are_refused_and_the_service_survives(service):
    for path in sorted((Path(__file__).parents[2] / "corpus" / "bad").iterdir()):
        response = service.post("/v1/moods", content=path.read_bytes(), headers=JPEG)
        assert response.status_code == 422, path.name
    assert service.get("/healthz").text == "ok\n"
