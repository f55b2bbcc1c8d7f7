from __future__ import annotations

import io

import PIL.Image
import pytest

import imagemood.pictures.samples


def test_each_sample_is_served_with_a_thumbnail(service):
    listed = service.get("/v1/samples").json()
    assert listed
    for sample, entry in zip(imagemood.pictures.samples.all_samples(), listed, strict=True):
        assert (entry["mood"], entry["title"]) == (sample.mood, sample.title)
        assert (entry["credit"], entry["license"]) == (sample.source, sample.licence)
        picture = service.get(entry["url"])
        assert picture.content == sample.path.read_bytes()
        image = PIL.Image.open(io.BytesIO(picture.content))
        assert picture.headers["Content-Type"] == PIL.Image.MIME[image.format]
        response = service.get(entry["thumbnail"])
        assert response.headers["Content-Type"] == "image/jpeg"
        thumbnail = PIL.Image.open(io.BytesIO(response.content))
        assert max(thumbnail.size) == 180
        assert thumbnail.width / thumbnail.height == pytest.approx(image.width / image.height, abs=0.01)


@pytest.mark.parametrize("name", ["nothing.png", "..%2F..%2F__init__.py", "%2Fetc%2Fpasswd", "CREDITS.md"])
@pytest.mark.parametrize("suffix", ["", "/thumbnail"])
def test_other_names_are_not_found(service, name, suffix):
    response = service.get(f"/v1/samples/{name}{suffix}")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
