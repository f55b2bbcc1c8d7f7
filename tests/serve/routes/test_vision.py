from __future__ import annotations

import base64

import pytest

ROUTE = "/api/v1/vision/labels"


def photoprism_request(*images, **fields):
    """Return the body that PhotoPrism sends, with its fields in the order of its client."""
    return {
        "id": "3487da77",
        "model": "imagemood:latest",
        "suffix": "",
        **fields,
        "stream": False,
        "images": images,
    }


def data_url(content, media_type="image/jpeg"):
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def test_the_moods_of_a_photo_are_labels(service, cascade, photos):
    expected = cascade.classify(photos["rocket.jpg"]).moods
    body = photoprism_request(data_url(photos["rocket.jpg"]))
    response = service.post(f"{ROUTE}?min_probability=0.1", json=body)
    assert response.status_code == 200
    answer = response.json()
    assert (answer["id"], answer["code"], answer["model"]["type"]) == ("3487da77", 200, "labels")
    labels = answer["result"]["labels"]
    assert [label["name"] for label in labels] == [mood for mood, p in expected.items() if p >= 0.1]
    for label in labels:
        assert label["confidence"] == label["topicality"] == pytest.approx(expected[label["name"]], abs=1e-6)
        assert (label["source"], label["categories"]) == ("image", ["mood"])
    default = service.post(ROUTE, json=body).json()["result"]["labels"]
    assert [label["name"] for label in default] == [mood for mood, p in expected.items() if p >= 0.5]


def test_the_example_request_of_the_vision_service(service, photos):
    """Other fields, such as the prompt and the options of language models, are ignored; `id` is optional."""
    body = {
        "model": "llama3.2-vision",
        "version": "latest",
        "system": "x",
        "prompt": "In up to 3 sentences, describe what you see in this image.",
        "format": "json",
        "options": {"seed": 1, "stop": ["\n"]},
        "context": [1, 2],
        "images": [data_url(photos["coffee.png"], "image/png")],
    }
    response = service.post(ROUTE, json=body)
    assert response.status_code == 200
    assert response.json()["id"] == ""


def test_the_path_with_the_name_of_a_model(service, photos):
    body = photoprism_request(data_url(photos["rocket.jpg"]))
    answers = [service.post(f"{ROUTE}{path}", json=body).json() for path in ("", "/imagemood/latest")]
    assert answers[0]["result"] == answers[1]["result"]


def test_images_in_base64_and_several_images_of_one_photo(service, photos):
    both = [photos["rocket.jpg"], photos["coffee.png"]]
    single = []
    for content in both:
        encoded = base64.b64encode(content).decode()
        answer = service.post(f"{ROUTE}?min_probability=0", json=photoprism_request(encoded)).json()
        single.append({label["name"]: label["confidence"] for label in answer["result"]["labels"]})
    body = photoprism_request(*map(data_url, both))
    labels = service.post(f"{ROUTE}?min_probability=0", json=body).json()["result"]["labels"]
    merged = {mood: max(single[0][mood], single[1][mood]) for mood in single[0]}
    assert {label["name"]: label["confidence"] for label in labels} == pytest.approx(merged, abs=1e-6)
    assert [label["confidence"] for label in labels] == sorted(merged.values(), reverse=True)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (photoprism_request(), 422, "no pictures"),
        (photoprism_request(data_url(b"not a picture")), 422, ""),
        (photoprism_request("data:image/png;base64,!"), 422, "base64"),
        (photoprism_request("not base64!"), 422, "base64"),
        (photoprism_request("https://example.org/a.jpg"), 422, "disabled"),
        ({"url": "http://example.org/a.jpg"}, 422, "disabled"),
        ({"images": 3}, 422, "images"),
        ({"id": 3, "images": []}, 422, "id"),
        ([], 422, ""),
    ],
)
def test_errors_have_the_fields_that_the_client_reads(service, body, status, message):
    response = service.post(ROUTE, json=body)
    assert response.status_code == status
    answer = response.json()
    assert answer["code"] == answer["status"] == status
    assert answer["error"] == answer["detail"]
    assert message in answer["error"]


def test_the_key_of_the_client_is_the_token(limited_service, photos):
    body = photoprism_request(data_url(photos["rocket.jpg"]))
    refused = limited_service.post(ROUTE, json=body, headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, refused.json()["code"]) == (401, 401)
