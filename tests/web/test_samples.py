from __future__ import annotations

import io
import json
import urllib.request
from urllib.error import HTTPError

import PIL.Image
import pytest

import imagemood.pictures.samples
from imagemood.serve.problems import Problem
from imagemood.serve.routes import samples


def get(service, path):
    with urllib.request.urlopen(service.rstrip("/") + path) as response:
        return response.read(), response.headers["Content-Type"]


def test_samples_and_thumbnails_are_served(service):
    entries = json.loads(get(service, "/v1/samples")[0])
    for sample, entry in zip(imagemood.pictures.samples.all_samples(), entries, strict=True):
        assert (entry["title"], entry["credit"], entry["license"]) == (sample.title, sample.source, sample.licence)
        content, media_type = get(service, entry["url"])
        assert content == sample.path.read_bytes()
        image = PIL.Image.open(io.BytesIO(content))
        assert media_type == PIL.Image.MIME[image.format]
        thumbnail = PIL.Image.open(io.BytesIO(get(service, entry["thumbnail"])[0]))
        assert max(thumbnail.size) == 240
        assert thumbnail.width / thumbnail.height == pytest.approx(image.width / image.height, abs=0.01)


@pytest.mark.parametrize("name", ["nothing.png", "..%2F..%2F__init__.py", "%2Fetc%2Fpasswd", "brick.png"])
@pytest.mark.parametrize("view", ["", "/thumbnail"])
def test_unknown_names_are_not_found(service, name, view):
    with pytest.raises(HTTPError) as caught:
        get(service, f"/v1/samples/{name}{view}")
    with caught.value as response:
        assert response.code == 404
        assert response.headers["Content-Type"] == "application/problem+json"


def test_without_the_samples_extra_the_list_is_empty(monkeypatch):
    monkeypatch.setattr(imagemood.pictures.samples, "find_spec", lambda _: None)
    routes = {route.path: route.endpoint for route in samples.router().routes}
    assert routes["/v1/samples"]() == []
    with pytest.raises(Problem, match="no such sample"):
        routes["/v1/samples/{name}"]("chelsea.png")
