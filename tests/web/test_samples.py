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
    with urllib.request.urlopen(service.rstrip("/") + path) as answer:
        return answer.read(), answer.headers["Content-Type"]


def test_each_is_served_as_it_lies_and_small(service):
    listed = json.loads(get(service, "/v1/samples")[0])
    for sample, entry in zip(imagemood.pictures.samples.all_samples(), listed, strict=True):
        assert (entry["title"], entry["credit"], entry["license"]) == (sample.title, sample.source, sample.licence)
        content, media_type = get(service, entry["url"])
        assert content == sample.path.read_bytes()
        whole = PIL.Image.open(io.BytesIO(content))
        assert media_type == PIL.Image.MIME[whole.format]
        small = PIL.Image.open(io.BytesIO(get(service, entry["thumbnail"])[0]))
        assert max(small.size) == 240
        assert small.width / small.height == pytest.approx(whole.width / whole.height, abs=0.01)


@pytest.mark.parametrize("name", ["nothing.png", "..%2F..%2F__init__.py", "%2Fetc%2Fpasswd", "brick.png"])
@pytest.mark.parametrize("view", ["", "/thumbnail"])
def test_other_names_lead_nowhere(service, name, view):
    with pytest.raises(HTTPError) as caught:
        get(service, f"/v1/samples/{name}{view}")
    with caught.value as answer:
        assert answer.code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_without_the_extra_there_are_none(monkeypatch):
    monkeypatch.setattr(imagemood.pictures.samples, "find_spec", lambda _: None)
    routes = {route.path: route.endpoint for route in samples.router().routes}
    assert routes["/v1/samples"]() == []
    with pytest.raises(Problem, match="no such sample"):
        routes["/v1/samples/{name}"]("chelsea.png")
